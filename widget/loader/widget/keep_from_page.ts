/**
 * Keeps from the page what the script tag (`loader/host.ts`) can't: text in composition, and the focus.
 *
 * A dialog of the page that holds the focus would take it back. Such traps listen for `focusin`, some in the capture
 * phase, which only the window comes before; nothing in the widget needs that event. Others look where the focus goes
 * from a field of theirs: as far as they see it goes nowhere.
 */
export function keepFromPage(element: Element, signal: AbortSignal): void {
  for (const name of ["compositionstart", "compositionupdate", "compositionend"]) {
    element.addEventListener(name, (event) => event.stopPropagation(), { signal });
  }
  for (const name of ["focusin", "focusout"]) {
    addEventListener(name, (event) => event.target === element && event.stopImmediatePropagation(), {
      capture: true,
      signal,
    });
  }
  element.addEventListener("mousedown", () => {
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement && activeElement !== element) activeElement.blur();
  }, { signal });
}
