/**
 * Gives the focus back to what is left around an element that had it and was removed, such as a button that had done its
 * work: without a focus, keys no longer reach the dialog.
 */
export function keepFocus(dialog: HTMLElement): void {
  /** What has the focus, and all that it stands in. */
  let focused: Node[] = [];
  const { activeElement } = dialog.getRootNode() as Document | ShadowRoot;
  for (let node: Node | null = activeElement; node; node = node.parentNode) focused.push(node);
  // Not `focusin` and `focusout`, which the widget keeps from the page and so from its own listeners.
  dialog.addEventListener("focus", (event) => {
    focused = event.composedPath() as Node[];
  }, true);
  dialog.addEventListener(
    "blur",
    ({ target }) =>
      // Chromium says this also of what is being removed.
      queueMicrotask(() => {
        if (focused[0] === target && focused[0]?.isConnected) focused = [];
      }),
    true,
  );
  new MutationObserver(() => {
    const left = focused.findIndex((node) => node.isConnected);
    if (left <= 0) return;
    const around = focused.slice(left, focused.indexOf(dialog) + 1) as HTMLElement[];
    for (const element of around.toReversed()) element.focus({ preventScroll: true });
  }).observe(dialog, { childList: true, subtree: true });
}
