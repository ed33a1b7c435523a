import { inlineMarkdown } from "./markdown_inline.ts";
import type { RichElement, RichNode } from "./rich_node.ts";

const FENCE = /^(`{3,}|~{3,})[^`]*$/;
const HEADING = /^#{1,6}\s+(.+)/;
const ITEM = /^(?:[-*+]|(\d{1,9})[.)])\s+(.*)/;
const TAB = "    ";
/** What stands further in than an item by as much belongs to it. */
const NESTED_FROM = 2;
/** Lists within lists; what lies deeper stays in the innermost. */
const MAX_DEPTH = 8;

interface List {
  element: RichElement;
  indent: number;
}

/** Code whose end has not come. */
interface Fence {
  sign: string;
  indent: number;
  lines: string[];
  element: RichElement;
}

interface Reading {
  root: RichNode[];
  /** Those that are open, the innermost last. */
  lists: List[];
  /** Lines of the paragraph that is open. */
  paragraph: string[];
  fence: Fence | null;
}

/**
 * What language models write: paragraphs, headings (as bold lines), lists, code, and what `inlineMarkdown` knows, in time
 * linear to its length. A line break is one. Anything else, HTML above all, stays the characters that it is. Of a text that
 * goes on, only the last blocks change.
 */
export function markdown(text: string): RichNode[] {
  const reading: Reading = { root: [], lists: [], paragraph: [], fence: null };
  let isAfterBlank = true;
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.trim();
    const indent = raw.slice(0, raw.length - raw.trimStart().length).replaceAll("\t", TAB).length;
    if (reading.fence) readCode(reading, reading.fence, raw, line);
    else readLine(reading, line, indent, isAfterBlank);
    isAfterBlank = line === "";
  }
  endParagraph(reading);
  if (reading.fence) endCode(reading, reading.fence);
  return reading.root;
}

function readLine(reading: Reading, line: string, indent: number, isAfterBlank: boolean): void {
  const { lists, root, paragraph } = reading;
  const [, sign] = FENCE.exec(line) ?? [];
  const [, heading] = HEADING.exec(line) ?? [];
  const [item, number, rest = ""] = ITEM.exec(line) ?? [];
  if (sign) return beginCode(reading, sign, indent);
  // A sentence that goes on with a year is no list.
  if (item && (isAfterBlank || lists.length > 0 || (number ?? "1") === "1")) {
    return beginItem(reading, indent, number, rest);
  }
  if (line === "") return endParagraph(reading);
  if (heading) {
    endParagraph(reading);
    lists.length = 0;
    root.push({ tag: "p", children: [{ tag: "strong", children: inlineMarkdown(heading) }] });
    return;
  }
  if (isAfterBlank) leaveLists(lists, indent);
  paragraph.push(line);
}

function endParagraph(reading: Reading): void {
  if (reading.paragraph.length === 0) return;
  const children = inlineMarkdown(reading.paragraph.join("\n"));
  const item = openItem(reading);
  if (item?.children.length === 0) item.children = children;
  else placeIn(reading).push({ tag: "p", children });
  reading.paragraph = [];
}

function beginItem(reading: Reading, indent: number, number: string | undefined, text: string): void {
  endParagraph(reading);
  const { lists } = reading;
  const tag = number === undefined ? "ul" : "ol";
  const innermost = () => lists.at(-1) ?? { indent: -Infinity, element: undefined };
  while (lists.length > 1 && indent < innermost().indent) lists.pop();
  const isDeeper = () => indent >= innermost().indent + NESTED_FROM && lists.length < MAX_DEPTH;
  if (!isDeeper() && innermost().element?.tag !== tag) lists.pop();
  if (isDeeper()) {
    const attributes = number === undefined ? undefined : { start: `${Number(number)}` };
    const element: RichElement = { tag, attributes, children: [] };
    placeIn(reading).push(element);
    lists.push({ element, indent });
  }
  innermost().element?.children.push({ tag: "li", children: [] });
  reading.paragraph = [text];
}

function beginCode(reading: Reading, sign: string, indent: number): void {
  endParagraph(reading);
  leaveLists(reading.lists, indent);
  const element: RichElement = { tag: "pre", attributes: { dir: "ltr" }, children: [] };
  placeIn(reading).push(element);
  reading.fence = { sign, indent, lines: [], element };
}

function readCode(reading: Reading, fence: Fence, raw: string, line: string): void {
  const isEnd = line.startsWith(fence.sign) && line === fence.sign.charAt(0).repeat(line.length);
  if (isEnd) return endCode(reading, fence);
  const isIndented = raw.slice(0, fence.indent).trim() === "";
  fence.lines.push(isIndented ? raw.slice(fence.indent) : raw);
}

function endCode(reading: Reading, { lines, element }: Fence): void {
  element.children = [{ tag: "code", children: [lines.join("\n")] }];
  reading.fence = null;
}

/** Ends the lists to whose items a line of that indent does not belong. */
function leaveLists(lists: List[], indent: number): void {
  while (lists.length > 0 && indent < (lists.at(-1)?.indent ?? 0) + NESTED_FROM) lists.pop();
}

function openItem({ lists }: Reading): RichElement | undefined {
  return lists.at(-1)?.element.children.at(-1) as RichElement | undefined;
}

function placeIn(reading: Reading): RichNode[] {
  return openItem(reading)?.children ?? reading.root;
}
