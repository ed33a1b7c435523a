import { markdown } from "./markdown.ts";
import type { RichElement, RichNode } from "./rich_node.ts";

/** What somebody hears of Markdown, as `markdown` reads it: its words, a block to a line, without its signs. */
export function plainText(text: string): string {
  return textOf(markdown(text)).trim();
}

const BLOCKS: readonly RichElement["tag"][] = ["p", "pre", "li"];

function textOf(nodes: readonly RichNode[]): string {
  let text = "";
  for (const node of nodes) {
    const isBlock = typeof node !== "string" && BLOCKS.includes(node.tag);
    if (isBlock && text !== "" && !text.endsWith("\n")) text += "\n";
    text += typeof node === "string" ? node : textOf(node.children);
    if (isBlock && !text.endsWith("\n")) text += "\n";
  }
  return text;
}
