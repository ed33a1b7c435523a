import { linkify, readsAs } from "./linkify.ts";
import { linkTo, type RichNode } from "./rich_node.ts";

/** Within a line: `[label](address "title")`, or a picture, which is shown as a link. Neither part holds another bracket. */
const LINK =
  /!?\[((?:[^[\]\\]|\\.)+)\]\(\s*<?([^\s<>()[\]]+(?:\([^\s<>()[\]]*\)[^\s<>()[\]]*)*)>?(?:\s+"[^"[\]]*")?\s*\)/sy;
const MARK = /\\([!-/:-@[-`{-~])|\*+|_+/g;
const SPACE = /\s/;
const IN_WORD = /[\p{L}\p{N}]/u;
/** A label that reads as an address, or holds one. */
const HOST_LIKE = /[^\s.]\.\p{L}{2}/u;
/** Signs that do not show, within which an address reads as it would without. */
const HIDDEN = /[\p{Cf}\p{DI}]/gu;
/** More marks in a row are a line, not emphasis. */
const LONGEST_MARK = 3;
/** Marks within marks; what lies deeper stays as it was written. */
const MAX_DEPTH = 8;

/** What stands where a mark's neighbour is a link or code. */
const WORD = "x";

/**
 * Emphasis, code, links and bare addresses within a paragraph, in time linear to its length. Marks that are not closed, or
 * lead anywhere but to https: and mailto:, stay the characters that they are.
 */
export function inlineMarkdown(text: string): RichNode[] {
  const emphasis = createEmphasis();
  const codeEnds = endsOfCode(text);
  let from = 0;
  let before = "";
  for (let at = 0; at < text.length;) {
    const found = nodeAt(text, at, codeEnds);
    if (!found) {
      at += text[at] === "\\" ? 2 : 1;
      continue;
    }
    addWithLinks(emphasis, text.slice(from, at), before, WORD);
    emphasis.push(found.node);
    at = from = found.to;
    before = WORD;
  }
  addWithLinks(emphasis, text.slice(from), before, "");
  return emphasis.nodes;
}

function addWithLinks(emphasis: Emphasis, text: string, before: string, after: string): void {
  const parts = linkify(text);
  parts.forEach((part, index) => {
    if (part.href) emphasis.push(linkTo(part.href, [part.text]));
    else emphasis.add(part.text, index > 0 ? WORD : before, index < parts.length - 1 ? WORD : after);
  });
}

/** The code or link that begins there. */
function nodeAt(text: string, at: number, codeEnds: ReadonlyMap<number, Code>) {
  const code = codeEnds.get(at);
  if (code) return { node: { tag: "code", children: [code.text] } satisfies RichNode, to: code.to };
  if (text[at] !== "[" && !text.startsWith("![", at)) return null;
  LINK.lastIndex = at;
  const [whole = "", label = "", address = ""] = LINK.exec(text) ?? [];
  const target = targetOf(address);
  if (!target) return null;
  const emphasis = createEmphasis();
  emphasis.add(label, "", "");
  const { hostname, href } = target;
  if (!leadsWhereItReads(emphasis.nodes.map(textOf).join(""), target)) {
    emphasis.push(` (${hostname || href})`);
  }
  const link = linkTo(href, emphasis.nodes);
  return {
    node: { ...link, attributes: { ...link.attributes, dir: "auto", title: href } },
    to: at + whole.length,
  };
}

function textOf(node: RichNode): string {
  return typeof node === "string" ? node : node.children.map(textOf).join("");
}

/** A label that holds an address must be nothing else, and that address the link's as far as its host: others hide where it leads. */
function leadsWhereItReads(label: string, { protocol, hostname, href }: URL): boolean {
  const read = label.normalize("NFKC").replace(HIDDEN, "");
  if (!HOST_LIKE.test(read)) return true;
  if (protocol === "mailto:") return `mailto:${read}`.toLowerCase() === href.toLowerCase();
  const address = /^https?:\/\//i.test(label) ? label : `https://${label}`;
  if (/\s/.test(label) || !URL.canParse(address)) return false;
  const url = new URL(address);
  return url.hostname === hostname && readsAs(label, url);
}

function targetOf(address: string): URL | null {
  if (!URL.canParse(address)) return null;
  const target = new URL(address);
  return /^(https|mailto):$/.test(target.protocol) ? target : null;
}

interface Code {
  text: string;
  /** Behind its closing backticks. */
  to: number;
}

/** By where it begins: code goes on to the next run of as many backticks. */
function endsOfCode(text: string): Map<number, Code> {
  const ends = new Map<number, Code>();
  const nextOf = new Map<number, number>();
  for (const { 0: { length }, index } of [...text.matchAll(/`+/g)].reverse()) {
    const end = nextOf.get(length);
    if (end !== undefined) {
      const inside = text.slice(index + length, end);
      // One space belongs to the marks, so that code may begin with a backtick.
      const isPadded = inside.startsWith(" ") && inside.endsWith(" ") && inside.trim() !== "";
      ends.set(index, { text: isPadded ? inside.slice(1, -1) : inside, to: end + length });
    }
    nextOf.set(length, index);
  }
  return ends;
}

interface Emphasis {
  nodes: RichNode[];
  push(node: RichNode): void;
  /** Text with marks; `before` and `after` are what stands around it, empty at an end. */
  add(text: string, before: string, after: string): void;
}

interface Opener {
  sign: string;
  count: number;
  /** Its place among the nodes, where it stands as text until it is closed. */
  at: number;
}

function createEmphasis(): Emphasis {
  const nodes: RichNode[] = [];
  const openers: Opener[] = [];
  const push = (node: RichNode) => void (node !== "" && nodes.push(node));

  /** Closes as many marks as fit; how many of the run are left. */
  function close(sign: string, count: number): number {
    let left = count;
    while (left > 0 && openers.some((opener) => opener.sign === sign)) {
      while (openers.at(-1)?.sign !== sign) openers.pop();
      const opener = openers.at(-1) as Opener;
      const used = Math.min(2, left, opener.count);
      nodes.push({ tag: used === 2 ? "strong" : "em", children: nodes.splice(opener.at + 1) });
      left -= used;
      opener.count -= used;
      nodes[opener.at] = sign.repeat(opener.count);
      if (opener.count > 0) continue;
      nodes.splice(opener.at, 1);
      openers.pop();
    }
    return left;
  }

  function mark(run: string, before: string, after: string) {
    const sign = run.charAt(0);
    // An underscore within a word is part of a name.
    const isOpening = after !== "" && !SPACE.test(after) && (sign === "*" || !IN_WORD.test(before));
    const isClosing = before !== "" && !SPACE.test(before) && (sign === "*" || !IN_WORD.test(after));
    const isMark = run.length <= LONGEST_MARK;
    const count = isMark && isClosing ? close(sign, run.length) : run.length;
    if (isMark && isOpening && count > 0 && openers.length < MAX_DEPTH) {
      openers.push({ sign, count, at: nodes.length });
    }
    push(sign.repeat(count));
  }

  return {
    nodes,
    push,
    add(text, before, after) {
      let plain = "";
      let from = 0;
      for (const { 0: run, 1: escaped, index } of text.matchAll(MARK)) {
        plain += text.slice(from, index);
        from = index + run.length;
        if (escaped) plain += escaped;
        else {
          push(plain);
          plain = "";
          mark(run, text[index - 1] ?? before, text[from] ?? after);
        }
      }
      push(plain + text.slice(from));
    },
  };
}
