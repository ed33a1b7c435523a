export interface TextPart {
  text: string;
  /** Set on links: `https:`, `http:` or `mailto:`, nothing else. */
  href?: string;
}

/** What is read of a text. A string is one; a test counts what is read. */
export interface Readable {
  readonly length: number;
  charCodeAt(index: number): number;
  slice(from: number, to: number): string;
}

interface Span {
  from: number;
  to: number;
}

/** The longest address that mail can be sent to (RFC 5321, 4.5.3.1.3). */
const LONGEST_MAIL_ADDRESS = 254;
const URL_STARTS = ["https://", "http://", "www."];
/**
 * No link goes on behind one of these, nor behind a space: quotes, dashes, the ellipsis, punctuation of other scripts, and
 * invisible signs, such as those that turn the writing direction, behind which an address reads as another one.
 */
const ENDS_WORD = '<>"`';
const ENDS_WORD_BEYOND_ASCII = /[\s\p{P}\p{Cf}\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/u;
/** Punctuation and joiners that stand within words: Catalan, Japanese, Hebrew, Tibetan, Persian, emoji. */
const WITHIN_WORDS = "\u00b7\u30fb\u05be\u05f3\u05f4\u0f0b\u200c\u200d";
/** Behind an address these belong to the sentence, unless a bracket was opened in the address. */
const TRAILING = ".,;:!?'*_~|)]}\u00b7\u30fb";
const BRACKETS = "()[]{}";
const SPACE = 32;
const H = 104;
const W = 119;
/** Signs that stand in no mail address without quotes (RFC 5322, `specials`): what stands between them may be one. */
const BETWEEN_ADDRESSES = "(),:;[]\\";
const AROUND_ADDRESS = "'*_~";
const MAIL_ADDRESS =
  /^[\p{L}\p{N}!#$%&'*+/=?^_{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_{|}~-]+)*@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+$/u;
/** Numbers only are a version (`preact@10.2.0`) or an IP address. */
const LAST_LABEL = /\.[^.]*\p{L}[^.]*$/u;
/** Scripts that are written without spaces, before Latin letters: the address may begin in between. */
const MIXED_SCRIPTS = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af][^@]*[a-z\d][^@]*@/i;
/** What would end the address within a `mailto:` (RFC 6068, 2). */
const RESERVED_IN_MAILTO = /[%?#&/=^{|}]/g;

/**
 * Splits text into plain parts and links, in time linear to its length. Whatever is not clearly a link stays text. Joined they are
 * the text, but for the hosts behind links that are written so that they seem to lead elsewhere.
 */
export function linkify(text: Readable): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  const add = (from: number, to: number, href?: string) => {
    const shown = text.slice(from, to);
    if (from < to) parts.push(href ? { text: withRealHost(shown, href), href } : { text: shown });
    end = to;
  };
  for (const { from, to, href } of linksOf(text)) {
    add(end, from);
    add(from, to, href);
  }
  add(end, text.length);
  return parts;
}

function* linksOf(text: Readable): Generator<Span & { href: string }> {
  for (const word of wordsOf(text)) {
    const start = urlStart(text, word);
    for (const span of between(text, { from: word.from, to: start }, BETWEEN_ADDRESSES)) {
      const address = trimmedAddress(text, span);
      const href = mailHref(text, address);
      if (href) yield { ...address, href };
    }
    for (let from = start; from < word.to;) {
      const next = urlStart(text, { from: from + 1, to: word.to }, ",;|");
      const url = { from, to: withoutTrailing(text, { from, to: next }) };
      const href = urlHref(text.slice(url.from, url.to));
      if (href) yield { ...url, href };
      from = next;
    }
  }
}

function* wordsOf(text: Readable): Generator<Span> {
  let from = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && !endsWord(text.charCodeAt(at))) continue;
    if (from < at) yield { from, to: at };
    from = at + 1;
  }
}

function endsWord(code: number): boolean {
  if (code <= SPACE) return true;
  const sign = String.fromCharCode(code);
  if (code < 128) return ENDS_WORD.includes(sign);
  return ENDS_WORD_BEYOND_ASCII.test(sign) && !WITHIN_WORDS.includes(sign);
}

/**
 * Where the first URL of the span begins: not within a Latin word or number, and only behind one of `separators` if there
 * are any. The span's end if there is none.
 */
function urlStart(text: Readable, { from, to }: Span, separators = ""): number {
  for (let at = from; at < to; at++) {
    const lowerCase = text.charCodeAt(at) | 32;
    if (lowerCase !== H && lowerCase !== W) continue;
    const before = at > 0 ? character(text, at - 1) : "";
    if (separators ? !separators.includes(before) : at > from && /\w/.test(before)) continue;
    const start = text.slice(at, Math.min(to, at + 8)).toLowerCase();
    if (URL_STARTS.some((prefix) => start.startsWith(prefix))) return at;
  }
  return to;
}

/** The pieces of the span that stand between `separators`. */
function* between(text: Readable, { from, to }: Span, separators: string): Generator<Span> {
  let start = from;
  for (let at = from; at <= to; at++) {
    if (at < to && !separators.includes(character(text, at))) continue;
    if (start < at) yield { from: start, to: at };
    start = at + 1;
  }
}

/** A sentence's full stop or closing bracket is not part of the address, unless the bracket was opened in it. */
function withoutTrailing(text: Readable, { from, to }: Span): number {
  const counts = [0, 0, 0, 0, 0, 0];
  for (let at = from; at < to; at++) {
    const bracket = BRACKETS.indexOf(character(text, at));
    if (bracket >= 0) counts[bracket] = (counts[bracket] ?? 0) + 1;
  }
  let end = to;
  while (end > from) {
    const last = character(text, end - 1);
    if (!TRAILING.includes(last)) break;
    const bracket = BRACKETS.indexOf(last);
    if (bracket >= 0) {
      const opened = counts[bracket - 1] ?? 0;
      const closed = counts[bracket] ?? 0;
      if (opened >= closed) break;
      counts[bracket] = closed - 1;
    }
    end--;
  }
  return end;
}

/**
 * Without the sentence's punctuation behind it, and without quotes or Markdown's signs around it. A sign that only
 * precedes it may belong to the address and stays: without it this would be somebody else's.
 */
function trimmedAddress(text: Readable, { from, to }: Span): Span {
  let end = to;
  while (end > from && TRAILING.includes(character(text, end - 1))) end--;
  let start = from;
  for (let after = end; after < to && start < end; after++) {
    const sign = character(text, start);
    if (AROUND_ADDRESS.includes(sign) && sign === character(text, after)) start++;
  }
  return { from: start, to: end };
}

/** Where mail to `address` goes, if that is one mail address and nothing else. */
export function mailtoOf(address: string): string | undefined {
  return mailHref(address, { from: 0, to: address.length });
}

/** The whole span as an address, or none: a part of it would be somebody else's. */
function mailHref(text: Readable, { from, to }: Span): string | undefined {
  if (to - from > LONGEST_MAIL_ADDRESS) return undefined;
  const address = text.slice(from, to);
  return MAIL_ADDRESS.test(address) && LAST_LABEL.test(address) && !MIXED_SCRIPTS.test(address) &&
      URL.canParse(hostOf(address))
    ? `mailto:${address.replace(RESERVED_IN_MAILTO, encodeURIComponent)}`
    : undefined;
}

const hostOf = (mailAddress: string) => `https://${mailAddress.slice(mailAddress.indexOf("@") + 1)}`;

function urlHref(shown: string): string | undefined {
  const isBare = /^www\./i.test(shown);
  const address = isBare ? `https://${shown}` : shown;
  if (!URL.canParse(address)) return undefined;
  const { hostname, href } = new URL(address);
  return isBare && !/^www\.[^.]+\.[^.]/i.test(hostname) ? undefined : href;
}

/** A link's text, and behind it the host that it leads to unless that is the one that is read. */
function withRealHost(shown: string, href: string): string {
  const mailHost = href.startsWith("mailto:") && hostOf(shown);
  const url = new URL(mailHost || href);
  return readsAs(mailHost || shown, url) ? shown : `${shown} (${url.hostname})`;
}

/**
 * Whether who reads an address takes it for one of the host that it is of: not where that stands behind an `@`
 * (`https://shop.example@evil.example`), has letters that look like others (`xn--…`), or is written as a number.
 */
export function readsAs(shown: string, { hostname, username, password }: URL): boolean {
  const read = shown.toLowerCase().replace(/^https?:\/\//, "");
  return !username && !password && !/(?:^|\.)xn--/.test(hostname) &&
    read.startsWith(hostname) && /^(?:[:/?#]|$)/.test(read.slice(hostname.length));
}

/** One UTF-16 unit: what is told apart here lies in the basic plane. */
function character(text: Readable, index: number): string {
  return String.fromCharCode(text.charCodeAt(index));
}
