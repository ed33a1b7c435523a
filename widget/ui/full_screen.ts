/** HTML Living Standard, "close requests and close watchers"; TypeScript does not know it yet. */
declare class CloseWatcher {
  onclose: (() => void) | null;
  destroy(): void;
}

const STOPS = "a[href], button:enabled, input, textarea, [tabindex='0']";

/** What a panel needs that covers the page, as long as `covers` says so. Returns what undoes it. */
export function coverPage(dialog: HTMLElement, covers: () => boolean): () => void {
  const onKey = (event: KeyboardEvent) => covers() && keepFocusInside(dialog, event);
  dialog.addEventListener("keydown", onKey);
  const stopViewport = keepInViewport(dialog);
  return () => {
    dialog.removeEventListener("keydown", onKey);
    stopViewport();
  };
}

/** Lets Tab go round inside a full-screen dialog instead of into the page that it covers. */
function keepFocusInside(dialog: HTMLElement, event: KeyboardEvent): void {
  if (event.key !== "Tab") return;
  const stops = [...dialog.querySelectorAll<HTMLElement>(STOPS)]
    .filter((stop) => stop.tabIndex >= 0 && !stop.closest("[inert]"));
  const [first, last] = [stops[0], stops.at(-1)];
  const [edge, opposite] = event.shiftKey ? [first, last] : [last, first];
  // Focus on the dialog or a screen, as right after opening, stands before the first stop.
  const before = event.target instanceof HTMLElement && event.target.tabIndex < 0;
  if (event.target !== edge && !(event.shiftKey && before)) return;
  event.preventDefault();
  opposite?.focus();
}

/**
 * Keeps a full-screen panel above a phone's keyboard: it covers the layout viewport's bottom, so height and offset of
 * the visual viewport are handed to the style sheet. Returns what undoes it.
 */
function keepInViewport(panel: HTMLElement): () => void {
  const { visualViewport } = globalThis;
  if (!visualViewport) return () => {};
  const tell = () => {
    // Pinched: the visitor looks closer at a part of it.
    if (visualViewport.scale > 1) return;
    // The page's own zoom, which multiplies lengths; not every browser tells it.
    const zoom = panel.currentCSSZoom || 1;
    panel.style.setProperty("--visual-height", `${visualViewport.height / zoom}px`);
    panel.style.setProperty("--visual-top", `${visualViewport.offsetTop / zoom}px`);
  };
  const events = ["resize", "scroll"] as const;
  tell();
  for (const name of events) visualViewport.addEventListener(name, tell);
  return () => {
    for (const name of events) visualViewport.removeEventListener(name, tell);
  };
}

/**
 * Calls `back` for each Back of the system, such as the button or gesture of a phone, until `signal` is aborted. By
 * CloseWatcher: entries in the page's history would be the page's to deal with.
 */
export function followSystemBack(signal: AbortSignal, back: () => void): void {
  if (signal.aborted || !("CloseWatcher" in globalThis)) return;
  const ended = new AbortController();
  const watcher = new CloseWatcher();
  watcher.onclose = () => {
    ended.abort();
    back();
    // One of them hears of one Back only.
    followSystemBack(signal, back);
  };
  signal.addEventListener("abort", () => watcher.destroy(), { signal: ended.signal });
}
