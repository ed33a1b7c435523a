import type { ScrollKeeper } from "./scroll_keeper.ts";

/** Milliseconds: for as long as somebody is taken to look at a window that lost the focus. */
const FOCUS_LASTS = 60_000;
/** Of an entry, or of the screen where the entry is longer than two of them. */
const SEEN_PART = 0.5;
/** Of an entry's height: between two looks at it. An entry may be twenty screens long. */
const LOOK_EVERY = 0.02;
const LOOKS = Array.from({ length: SEEN_PART / LOOK_EVERY + 1 }, (_, index) => index * LOOK_EVERY);

interface Reader {
  /** See `ConversationActions`. */
  setReading(reading: boolean, seen?: string): void;
  /** So many entries by others are below what somebody has seen. */
  setNews(count: number): void;
}

/**
 * Tells the reader, until the signal, which entries by others somebody sees: at least half of one, or of the screen, on a
 * visible page whose window had the focus within a minute.
 */
export function followReading(
  { current: scroller }: { readonly current: HTMLElement | null },
  { current: keeper }: { readonly current: ScrollKeeper | undefined },
  reader: Reader,
  signal: AbortSignal,
): void {
  if (signal.aborted || !scroller || !keeper) return;
  const inView = new Set<Element>();
  const observed = new Set<Element>();
  let foreign = foreignIn(scroller);
  /** The newest that somebody has seen, or that is not new. */
  let last = foreign.findLast((entry) => !isNew(entry));
  let seen: string | undefined;
  let isInView = false;
  let focusedAt = -Infinity;
  let leaving: ReturnType<typeof setTimeout> | undefined;
  let told = "";

  function tell() {
    const isLookedAt = document.visibilityState === "visible" &&
      (document.hasFocus() || performance.now() - focusedAt < FOCUS_LASTS);
    if (isLookedAt) last = foreign.findLast((entry) => entry === last || inView.has(entry));
    if (isLookedAt && last && inView.has(last)) seen = last.dataset.entry;
    reader.setNews(foreign.length - 1 - (last ? foreign.indexOf(last) : -1));
    const reading = isLookedAt && isInView && scroller !== null && isAtBottom(scroller);
    const now = isLookedAt ? seen : undefined;
    if (told === (told = `${reading} ${now}`)) return;
    if (reading) keeper?.read();
    reader.setReading(reading, now);
  }

  const view = new IntersectionObserver((changes) => {
    if (signal.aborted) return;
    for (const change of changes) {
      if (isSeen(change, scroller)) inView.add(change.target);
      else inView.delete(change.target);
      if (change.target === foreign.at(-1)) isInView = inView.has(change.target);
    }
    tell();
  }, { threshold: LOOKS });

  /** Until the observer has looked at a new one, the reader is taken to be where it was. */
  const look = () => {
    foreign = foreignIn(scroller);
    const newest = foreign.at(-1);
    for (const entry of foreign) {
      if (observed.has(entry) || (entry !== newest && !isNew(entry))) continue;
      observed.add(entry);
      view.observe(entry);
    }
    if (newest) return;
    isInView = true;
    tell();
  };

  const content = new MutationObserver(look);
  content.observe(scroller, { childList: true, subtree: true });
  scroller.addEventListener("scroll", tell, { signal, passive: true });
  document.addEventListener("visibilitychange", tell, { signal });
  addEventListener("focus", tell, { signal });
  addEventListener("blur", () => {
    focusedAt = performance.now();
    clearTimeout(leaving);
    leaving = setTimeout(tell, FOCUS_LASTS);
  }, { signal });
  signal.addEventListener("abort", () => {
    view.disconnect();
    content.disconnect();
    clearTimeout(leaving);
    reader.setReading(false);
  });
  look();
}

function isSeen(
  { intersectionRatio, intersectionRect }: IntersectionObserverEntry,
  screen: Element,
): boolean {
  return intersectionRatio >= SEEN_PART ||
    (intersectionRect.height > 0 && intersectionRect.height >= screen.clientHeight * SEEN_PART);
}

/** Pixels from the bottom that still count as being there, as for what keeps a thread there. */
const AT_BOTTOM = 24;

const isAtBottom = ({ scrollHeight, scrollTop, clientHeight }: Element) =>
  scrollHeight - scrollTop - clientHeight <= AT_BOTTOM;

const foreignIn = (
  screen: Element,
) => [...screen.querySelectorAll<HTMLElement>('[data-own="false"] [data-entry]')];

/** It stands behind the line before what is new. */
const isNew = (entry: Element) => entry.matches(".unread ~ * *");
