/** As in the style sheets: small screens, and large ones at a high zoom. */
const FULL_SCREEN = "(max-width: 480px), (max-height: 480px)";
const STOPS = "a[href], button:enabled, input, textarea, [tabindex='0']";

/** The panel covers the page, so it is modal. */
export function isFullScreen(): boolean {
  return matchMedia(FULL_SCREEN).matches;
}

/** Lets Tab go round inside a full-screen dialog instead of into the page that it covers. */
export function keepFocusInside(dialog: HTMLElement, event: KeyboardEvent): void {
  if (event.key !== "Tab" || !isFullScreen()) return;
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
export function keepInViewport(panel: HTMLElement): () => void {
  const { visualViewport } = globalThis;
  if (!visualViewport) return () => {};
  const tell = () => {
    // Pinched: the visitor looks closer at a part of it.
    if (visualViewport.scale > 1) return;
    panel.style.setProperty("--visual-height", `${visualViewport.height}px`);
    panel.style.setProperty("--visual-top", `${visualViewport.offsetTop}px`);
  };
  const events = ["resize", "scroll"] as const;
  tell();
  for (const name of events) visualViewport.addEventListener(name, tell);
  return () => {
    for (const name of events) visualViewport.removeEventListener(name, tell);
  };
}
