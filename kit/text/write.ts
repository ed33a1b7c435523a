import styles from "../styles/markdown.css?inline";
import { linkify } from "./linkify.ts";
import { markdown } from "./markdown.ts";
import { linkTo, type RichElement, type RichNode } from "./rich_node.ts";

/**
 * Shows a text in an element that holds nothing else, with safe links, or as Markdown. What was there stays where it is the
 * same: text that somebody has selected stays selected while more comes behind it.
 */
export function write(element: Element, text: string, isMarkdown = false): void {
  if (isMarkdown) addStyles(element.getRootNode());
  patch(
    element,
    isMarkdown
      ? markdown(text)
      : linkify(text).map((part) => part.href ? linkTo(part.href, [part.text]) : part.text),
  );
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
