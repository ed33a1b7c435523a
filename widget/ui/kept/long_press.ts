const LONG_MS = 500;
/** A finger never lies quite still. */
const SLACK_PX = 10;

/** Calls `then` when a finger has stayed on the element for half a second. Returns what ends that. */
export function onLongPress(element: HTMLElement, then: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let from = { x: 0, y: 0 };
  const stop = new AbortController();
  const { signal } = stop;
  const cancel = () => clearTimeout(timer);

  element.addEventListener("pointerdown", ({ pointerType, clientX: x, clientY: y, target }) => {
    cancel();
    if (pointerType !== "touch" || (target as Element).closest("button, a, textarea")) return;
    from = { x, y };
    timer = setTimeout(then, LONG_MS);
  }, { signal });
  element.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (Math.hypot(clientX - from.x, clientY - from.y) > SLACK_PX) cancel();
  }, { signal });
  for (const type of ["pointerup", "pointercancel", "pointerleave"]) {
    element.addEventListener(type, cancel, { signal });
  }
  return () => {
    cancel();
    stop.abort();
  };
}
