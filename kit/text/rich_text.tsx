import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import { TextContext } from "./text_context.ts";
import type { write } from "./write.ts";

/** Without one of these no text holds a link, turns its direction, or is folded. */
const MAY_NEED_MORE = /:\/|www|@|(\n.*){50}|[^]{2000}|[\u202a-\u202e\u2066-\u2069]/i;

/** What finds links, folds, sets direction right, and reads Markdown, once some text has needed it. */
let loaded: typeof write | undefined;

interface RichTextProps {
  text: string;
  /** As bots write. */
  isMarkdown?: boolean;
}

/** Text as text, with safe links, or Markdown: at first as it is if it is the first text that may hold either. */
export function RichText({ text, isMarkdown }: RichTextProps) {
  const place = useRef<HTMLDivElement & HTMLSpanElement>(null);
  const showAll = useContext(TextContext)?.strings.showAll;
  const Place = isMarkdown ? "div" : "span";
  useLayoutEffect(() => {
    let element = place.current;
    const show = () => void (element && loaded?.(element, text, isMarkdown, showAll));
    const needed = isMarkdown || MAY_NEED_MORE.test(text);
    if (needed && loaded) return show();
    if (element) element.textContent = needed ? withoutOverrides(text) : text;
    if (!needed) return;
    import("./write.ts").then(
      (module) => {
        loaded = module.write;
        show();
      },
      // Text as it is is readable all the same, and the next text tries again.
      () => {},
    );
    return () => void (element = null);
  }, [text, isMarkdown]);
  return <Place ref={place} class={isMarkdown ? "markdown" : undefined} />;
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
