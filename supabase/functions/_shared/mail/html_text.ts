import { decoded } from "./html_entities.ts";

/** Characters of HTML that are read; a message holds fewer. */
const MAX_READ = 256 * 1024;
const RULE = "_".repeat(32);

/** Whose content nobody sees. */
const HIDDEN = /^(?:style|script|title)$/;
const BLOCK =
  /^(?:p|div|tr|li|ul|ol|dl|dt|dd|h[1-6]|table|pre|address|article|aside|center|footer|header|main|section)$/;

/**
 * The words of HTML, line by line; a line of a quotation begins with ">", as in a mail without HTML. Nothing of it is ever
 * shown as HTML, and what is no tag is kept. Takes time in proportion to the length, whatever is in it.
 */
export function textOfHtml(html: string): string {
  const page = new Page();
  for (const { tag, text } of tokensOf(html.slice(0, MAX_READ))) {
    if (tag === null) page.write(text);
    else page.meet(tag, text.startsWith("</"));
  }
  return page.text();
}

/** What is above each other on the screen. */
class Page {
  readonly #lines: string[] = [];
  /** Of the line that has begun. */
  #parts: string[] = [];
  #quotes = 0;
  #preformatted = 0;

  write(html: string): void {
    if (this.#preformatted > 0) {
      const [first = "", ...more] = html.split(/\r\n?|\n/);
      this.#add(first);
      for (const line of more) {
        this.#end();
        this.#add(line);
      }
      return;
    }
    const text = html.replace(/\s+/g, " ");
    const isSpaced = this.#parts.length === 0 || this.#parts.at(-1)?.endsWith(" ") === true;
    this.#add(isSpaced ? text.replace(/^ /, "") : text);
  }

  meet(tag: string, isEnd: boolean): void {
    if (tag === "br") return this.#end();
    if (tag === "td" || tag === "th") return this.write(" ");
    if (tag !== "hr" && tag !== "blockquote" && !BLOCK.test(tag)) return;
    this.#endBegun();
    const step = isEnd ? -1 : 1;
    if (tag === "hr") this.#lines.push(RULE);
    if (tag === "blockquote") this.#quotes = Math.max(0, this.#quotes + step);
    if (tag === "pre") this.#preformatted = Math.max(0, this.#preformatted + step);
  }

  text(): string {
    this.#endBegun();
    return this.#lines.join("\n");
  }

  #add(html: string): void {
    if (html !== "") this.#parts.push(decoded(html));
  }

  #endBegun(): void {
    if (this.#parts.length > 0) this.#end();
  }

  #end(): void {
    this.#lines.push(`${this.#quotes > 0 ? "> " : ""}${this.#parts.join("").trimEnd()}`);
    this.#parts = [];
  }
}

interface Token {
  /** In lower case; `null` for text. */
  tag: string | null;
  text: string;
}

/** Within quotes around an attribute's value no sign ends it. */
const QUOTING_TAG = /<\/?([a-z][\w:-]*)(?=[\s/>])(?:=\s*(?:"[^"]*"|'[^']*')|=(?!\s*["'])|[^<>=]){0,1000}>/iy;
const TAG = /<(?:\/?([a-z][\w:-]*)(?=[\s/>])|[!?])[^<>]*>/iy;
/** Each that fails may take half a millisecond. */
const MAX_FAILED = 100;

/** Finds the tag that begins at a place, if one does. */
function tagReader(html: string): (at: number) => RegExpExecArray | null {
  let failed = 0;
  return (at) => {
    if (failed < MAX_FAILED && /[a-z/]/i.test(html[at + 1] ?? "")) {
      QUOTING_TAG.lastIndex = at;
      const found = QUOTING_TAG.exec(html);
      if (found) return found;
      failed++;
    }
    TAG.lastIndex = at;
    return TAG.exec(html);
  };
}

/** Tags and the text between them, without comments and without what nobody sees. */
function* tokensOf(html: string): Generator<Token> {
  const tagAt = tagReader(html);
  /** Where the rest has no end of these any more, so that none is looked for twice. */
  const endless = new Set<string>();
  const behind = (what: string, end: RegExp, from: number): number | null => {
    if (endless.has(what)) return null;
    end.lastIndex = from;
    if (end.exec(html)) return end.lastIndex;
    endless.add(what);
    return null;
  };
  let at = 0;
  while (at < html.length) {
    const isComment = html.startsWith("<!--", at);
    const commentEnd = isComment ? behind("comment", /-->/g, at + 4) : null;
    const found = html[at] === "<" && !isComment ? tagAt(at) : null;
    if (commentEnd !== null) at = commentEnd;
    else if (found) {
      const name = (found[1] ?? "").toLowerCase();
      at += found[0].length;
      if (HIDDEN.test(name) && !found[0].startsWith("</")) {
        at = behind(name, new RegExp(`</${name}(?![\\w:-])[^<>]*>`, "gi"), at) ?? at;
      } else yield { tag: name, text: found[0] };
    } else {
      const next = html.indexOf("<", at + 1);
      const until = next < 0 ? html.length : next;
      yield { tag: null, text: html.slice(at, until) };
      at = until;
    }
  }
}
