import styles from "../styles/written.css?inline";
import { linkify } from "./linkify.ts";
import { markdown } from "./markdown.ts";
import { linkTo, type RichElement, type RichNode } from "./rich_node.ts";

/** A text of more lines, or one that fills as many, is folded: one of nothing but line breaks would fill every screen. */
const MOST_LINES = 60;
const FOLDED_LINES = 25;
/** Of the widget's lines, roughly. */
const LINE_LENGTH = 80;

/** Elements whose text somebody wanted to see whole, or has seen grow. */
const unfolded = new WeakSet<Element>();

/**
 * Shows a text in an element that holds nothing else, with safe links, or as Markdown; of a very long one only the beginning,
 * with a button for the rest. What was there stays where it is the same: text that somebody has selected stays selected while
 * more comes behind it.
 */
export function write(
  element: Element,
  written: string,
  isMarkdown = false,
  showAll = "Show all of it",
): void {
  const text = withoutTurns(written);
  if (element.closest("[data-status=streaming]")) unfolded.add(element);
  const beginning = unfolded.has(element) ? null : beginningOf(text);
  if (isMarkdown || beginning !== null) addStyles(element.getRootNode());
  const nodes = read(beginning ?? text, isMarkdown);
  if (beginning === null) return patch(element, nodes);
  patch(element, [
    ...nodes,
    { tag: "button", attributes: { type: "button", class: "link" }, children: [showAll] },
  ]);
  (element.lastElementChild as HTMLElement).onclick = () => {
    unfolded.add(element);
    write(element, written, isMarkdown, showAll);
    // The button went with the focus in it.
    const entry = element.closest<HTMLElement>("[data-entry]");
    if (!entry) return;
    entry.tabIndex = -1;
    entry.focus({ preventScroll: true });
  };
}

/**
 * Without the signs that make letters read in another order than they stand in (UAX 9): "gnp.exe" behind U+202E shows as
 * "exe.png". Isolates that end in their line stay: they set the direction of what they hold, and letters keep their order.
 */
function withoutTurns(text: string): string {
  if (!/[\u202a-\u202e\u2066-\u2069]/.test(text)) return text;
  return text.replace(/[\u202a-\u202e]/g, "").split("\n").map(withoutOpenIsolates).join("\n");
}

function withoutOpenIsolates(line: string): string {
  const units = line.split("");
  const open: number[] = [];
  for (const [at, unit] of units.entries()) {
    if (/[\u2066-\u2068]/.test(unit)) open.push(at);
    else if (unit === "\u2069" && open.pop() === undefined) units[at] = "";
  }
  for (const at of open) units[at] = "";
  return units.join("");
}

function read(text: string, isMarkdown: boolean): RichNode[] {
  if (isMarkdown) return markdown(text);
  return linkify(text).map((part) => part.href ? linkTo(part.href, [part.text]) : part.text);
}

/** What is shown of a text that is folded; null of one that is shown as a whole. */
function beginningOf(text: string): string | null {
  let lines = 0;
  let from = 0;
  let end = text.length;
  while (from < text.length && lines <= MOST_LINES) {
    const lineBreak = text.indexOf("\n", from);
    const to = lineBreak < 0 ? text.length : lineBreak;
    const filled = Math.ceil((to - from) / LINE_LENGTH) || 1;
    const left = FOLDED_LINES - lines;
    if (left > 0 && filled >= left) end = Math.min(to, from + left * LINE_LENGTH);
    lines += filled;
    from = to + 1;
  }
  return lines > MOST_LINES ? text.slice(0, end).toWellFormed() : null;
}

/** No framework would keep the selection: it gives a text node its new text as a whole. */
function patch(parent: Element, wanted: readonly RichNode[]): void {
  let next = parent.firstChild;
  for (const node of wanted) {
    const there = next;
    next = there?.nextSibling ?? null;
    if (typeof node === "string" && there?.nodeType === Node.TEXT_NODE) patchText(there as Text, node);
    else if (typeof node !== "string" && isOfTag(there, node)) patchElement(there, node);
    else if (there) there.replaceWith(made(node));
    else parent.append(made(node));
  }
  while (next) {
    const extra = next;
    next = next.nextSibling;
    extra.remove();
  }
}

function patchText(there: Text, text: string): void {
  const { data } = there;
  if (data === text) return;
  if (text.startsWith(data)) return there.appendData(text.slice(data.length));
  let same = 0;
  while (same < text.length && data[same] === text[same]) same++;
  there.replaceData(same, data.length - same, text.slice(same));
}

function patchElement(there: Element, { attributes = {}, children }: RichElement): void {
  for (const name of there.getAttributeNames()) if (!(name in attributes)) there.removeAttribute(name);
  for (const [name, value] of Object.entries(attributes)) {
    if (there.getAttribute(name) !== value) there.setAttribute(name, value);
  }
  patch(there, children);
}

function isOfTag(there: ChildNode | null, { tag }: RichElement): there is Element {
  return there?.nodeName.toLowerCase() === tag;
}

function made(node: RichNode): Node {
  if (typeof node === "string") return document.createTextNode(node);
  const element = document.createElement(node.tag);
  patchElement(element, node);
  return element;
}

const styled = new WeakSet<Node>();

/** A constructable sheet needs no permission from a Content-Security-Policy. */
function addStyles(root: Node): void {
  if (styled.has(root) || !("adoptedStyleSheets" in root)) return;
  styled.add(root);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  (root as Document | ShadowRoot).adoptedStyleSheets.push(sheet);
}
