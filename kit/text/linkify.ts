export interface TextPart {
  text: string;
  /** Set on links: `https:` or `mailto:`, nothing else. */
  href?: string;
}

const LINK = /\bhttps:\/\/[^\s<>"]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gi;
const TRAILING_PUNCTUATION = /[.,;:!?'*_~\])}]$/;
const PAIRS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Splits text into plain parts and links. Whatever is not clearly a link stays text. */
export function linkify(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const shown = withoutTrailingPunctuation(match[0]);
    const href = hrefOf(shown);
    if (!href) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: shown, href });
    end = match.index + shown.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** The address itself if a link may lead there: `https:`, or the page's own protocol while developing. */
export function safeUrl(address: string | undefined): string | undefined {
  if (!address || !URL.canParse(address)) return undefined;
  const { protocol, href } = new URL(address);
  const allowed = protocol === "https:" || (protocol === "http:" && location.protocol === "http:");
  return allowed ? href : undefined;
}

function hrefOf(shown: string): string | undefined {
  if (!/^https:/i.test(shown)) return `mailto:${shown}`;
  return URL.canParse(shown) ? new URL(shown).href : undefined;
}

/** A sentence's full stop or closing bracket is not part of the address, unless the bracket was opened in it. */
function withoutTrailingPunctuation(address: string): string {
  let result = address;
  while (TRAILING_PUNCTUATION.test(result)) {
    const last = result.slice(-1);
    const opening = PAIRS[last];
    if (opening && count(result, opening) >= count(result, last)) break;
    result = result.slice(0, -1);
  }
  return result;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
