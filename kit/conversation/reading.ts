/** Milliseconds: for as long as somebody is taken to look at a window that lost the focus. */
const FOCUS_LASTS = 60_000;
/** Of an entry, or of the screen where the entry is longer than two of them. */
const SEEN_PART = 0.5;

interface Reader {
  setReading(reading: boolean): void;
}

/**
 * Tells the reader, until the signal, whether somebody sees the newest entry by others: at least half of it, or of the
 * screen, on a visible page whose window had the focus within a minute.
 */
export function followReading(
  { current: scroller }: { readonly current: HTMLElement | null },
  reader: Reader,
  signal: AbortSignal,
): void {
  if (signal.aborted || !scroller) return;
  let newest: Element | undefined;
  let isInView = false;
  let focusedAt = -Infinity;
  let leaving: ReturnType<typeof setTimeout> | undefined;

  function tell() {
    const isLookedAt = document.hasFocus() || performance.now() - focusedAt < FOCUS_LASTS;
    reader.setReading(isInView && isLookedAt && document.visibilityState === "visible");
  }

  const view = new IntersectionObserver((changes) => {
    const seen = changes.at(-1);
    if (!seen || signal.aborted) return;
    const { intersectionRatio, intersectionRect } = seen;
    isInView = intersectionRatio >= SEEN_PART ||
      (intersectionRect.height > 0 && intersectionRect.height >= scroller.clientHeight * SEEN_PART);
    tell();
  }, { threshold: [0, SEEN_PART] });

  /** Until the observer has looked at a new one, the reader is taken to be where it was. */
  const look = () => {
    const found = [...scroller.querySelectorAll('[data-own="false"] [data-entry]')].at(-1);
    if (found && found === newest) return;
    newest = found;
    view.disconnect();
    if (found) return view.observe(found);
    isInView = true;
    tell();
  };

  const content = new MutationObserver(look);
  content.observe(scroller, { childList: true, subtree: true });
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
