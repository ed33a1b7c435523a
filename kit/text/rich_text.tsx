import { useEffect, useMemo, useState } from "preact/hooks";
import type { linkify, TextPart } from "./linkify.ts";

/** Without one of these no text holds a link. */
const MAY_HOLD_LINK = /:\/|www|@/i;

/** What finds the links, once some text has needed it. */
let loaded: typeof linkify | undefined;

/** Text as text, with safe links: at first without them if it is the first text that may hold one. */
export function RichText({ text }: { text: string }) {
  const find = useLinkify(MAY_HOLD_LINK.test(text));
  const parts = useMemo(() => find?.(text) ?? [{ text }], [text, find]);
  return <>{parts.map(draw)}</>;
}

function draw({ text, href }: TextPart, index: number) {
  if (!href) return text;
  // A direction of its own: signs before it that turn the writing direction would show another address.
  return <a key={index} dir="ltr" href={href} target="_blank" rel="noopener nofollow">{text}</a>;
}

function useLinkify(needed: boolean): typeof linkify | undefined {
  const [, redraw] = useState(false);
  useEffect(() => {
    if (!needed || loaded) return;
    import("./linkify.ts").then(
      (module) => {
        loaded = module.linkify;
        redraw(true);
      },
      // Text without links is readable all the same, and the next text tries again.
      () => {},
    );
  }, [needed]);
  return needed ? loaded : undefined;
}

/**
 * A name or title without the invisible signs that make it read as another one: those that turn the writing direction (UAX 9),
 * and the space without width. The joiners U+200C and U+200D stay, which Persian and emoji are written with.
 */
export function withoutOverrides(text: string): string {
  return text.replace(/[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
}

/** The address itself if a link may lead there: `https:`, or the page's own protocol while developing. */
export function safeUrl(address: string | undefined): string | undefined {
  if (!address || !URL.canParse(address)) return undefined;
  const { protocol, href } = new URL(address);
  const allowed = protocol === "https:" || (protocol === "http:" && location.protocol === "http:");
  return allowed ? href : undefined;
}
