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
  setReading(reading: boolean, seen?: string, from?: string): void;
  /** See `ConversationActions`. */
  counts?(id?: string): boolean;
  /** So many entries by others, of those that count, are below what somebody has seen. */
  setNews(count: number): void;
}

/**
 * Tells the reader, until the signal, which entries by others somebody sees: at least half of one, or of the screen, on a
 * visible page whose window had the focus within a minute. Whoever scrolls from one to another has seen those between them;
 * where the page itself leads somewhere else, to the line before what is new or by an event `placed`, that begins anew.
 */
export function followReading(
  { current: scroller }: { readonly current: HTMLElement | null },
  { current: keeper }: { readonly current: ScrollKeeper | undefined },
  reader: Reader,
  signal: AbortSignal,
): void {
  if (signal.aborted || !scroller || !keeper) return;
  const sight = createSight(scroller, reader);
  let [isInView, told] = [false, ""];
  const looks = followLooks(tell, signal);

  function tell() {
    const isLookedAt = looks();
    const { seen, from, news } = sight.widen(isLookedAt);
    reader.setNews(news);
    const reading = isLookedAt && isInView && scroller !== null && isAtBottom(scroller);
    const now = isLookedAt ? [seen, from] as const : [];
    if (told === (told = `${reading} ${now}`)) return;
    if (reading) keeper?.read();
    reader.setReading(reading, ...now);
  }

  const view = new IntersectionObserver((changes) => {
    if (signal.aborted) return;
    for (const change of changes) {
      sight.inView.set(change.target, isSeen(change, scroller));
      if (change.target === sight.newest()) isInView = isSeen(change, scroller);
    }
    tell();
  }, { threshold: LOOKS });

  function begin() {
    sight.forget();
    view.disconnect();
  }

  /** Until the observer has looked at a new one, the reader is taken to be where it was. */
  const look = () => {
    // The thread goes to a line that was not there.
    if (sight.hasNewLine()) begin();
    const added = sight.look();
    for (const entry of added) view.observe(entry);
    // One that was deleted is none of those that are new, which the observer does not see.
    if (added.length === 0) reader.setNews(sight.widen(looks()).news);
    if (sight.newest()) return;
    isInView = true;
    tell();
  };

  const content = new MutationObserver(look);
  content.observe(scroller, { childList: true, subtree: true });
  scroller.addEventListener("scroll", tell, { signal, passive: true });
  scroller.addEventListener("placed", begin, { signal });
  scroller.addEventListener("placed", look, { signal });
  signal.addEventListener("abort", () => {
    view.disconnect();
    content.disconnect();
    reader.setReading(false);
  });
  look();
}

/** Which entries by others are in view, and from which to which of them somebody has seen all. */
function createSight(screen: HTMLElement, { counts }: Reader) {
  /** Those that are observed: true while one is in view. */
  const inView = new Map<Element, boolean>();
  let foreign = foreignIn(screen);
  /** Ids of the oldest and the newest that were seen. */
  let [from, seen]: (string | undefined)[] = [];
  let line: Element | null = null;
  /** Where the last stands that is not new. */
  let known = -1;

  return {
    inView,
    newest: () => foreign.at(-1),

    /** With what is in view, where somebody looks at it; `news`: how many new ones are below it. */
    widen(isLookedAt: boolean) {
      const at = (id?: string) => (entry: HTMLElement) =>
        entry.dataset.entry === id || (isLookedAt && inView.get(entry));
      from = foreign.find(at(from))?.dataset.entry;
      const last = foreign.findLastIndex(at(seen));
      seen = foreign[last]?.dataset.entry;
      const news = foreign.filter((entry, place) =>
        place > Math.max(known, last) && (counts?.(entry.dataset.entry) ?? !isDeleted(entry))
      );
      return { seen, from, news: news.length };
    },

    /** Whether the line before what is new is another one than at the last call. */
    hasNewLine: () => line !== (line = screen.querySelector(".unread")),

    /** What was seen so far says nothing about what is between it and where the reader is now. */
    forget() {
      from = seen = undefined;
      inView.clear();
    },

    /** Takes in what the screen holds now; answers with what is to be observed from here on. */
    look(): HTMLElement[] {
      const former = foreign[known];
      foreign = foreignIn(screen);
      known = lastKnown(foreign, line ? undefined : former);
      const added = foreign.filter((entry) =>
        !inView.has(entry) && (entry === foreign.at(-1) || isNew(entry))
      );
      for (const entry of added) inView.set(entry, false);
      return added;
    },
  };
}

/** Whether somebody looks at the page; `onChange` is called when that may have become otherwise. */
function followLooks(onChange: () => void, signal: AbortSignal): () => boolean {
  let focusedAt = -Infinity;
  let leaving: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener("visibilitychange", onChange, { signal });
  addEventListener("focus", onChange, { signal });
  addEventListener("blur", () => {
    focusedAt = performance.now();
    clearTimeout(leaving);
    leaving = setTimeout(onChange, FOCUS_LASTS);
  }, { signal });
  signal.addEventListener("abort", () => clearTimeout(leaving));
  return () =>
    document.visibilityState === "visible" &&
    (document.hasFocus() || performance.now() - focusedAt < FOCUS_LASTS);
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

/** Without a line before what is new all is known at first, and later what was. */
const lastKnown = (foreign: HTMLElement[], former: HTMLElement | undefined) =>
  foreign.findLastIndex((entry) => former ? entry.dataset.entry === former.dataset.entry : !isNew(entry));

/** A file that can't be shown has a name, and with it a direction. */
const isDeleted = (entry: Element) => entry.querySelector(".gone:not([dir])") !== null;

/** It stands behind the line before what is new. */
const isNew = (entry: Element) => entry.matches(".unread ~ * *");
