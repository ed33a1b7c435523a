const STEPS: Readonly<Record<string, (index: number, last: number) => number>> = {
  ArrowDown: (index, last) => Math.min(index + 1, last),
  ArrowUp: (index) => Math.max(index - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/** One tab stop for a whole list: arrow keys, Home and End move the focus among the elements that match. */
export function moveFocus(event: KeyboardEvent, selector: string): void {
  const list = event.currentTarget;
  if (!(list instanceof HTMLElement)) return;
  const step = STEPS[horizontalAsVertical(event.key, list)];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
  const stops = [...list.querySelectorAll<HTMLElement>(selector)];
  const current = stops.findIndex((stop) => stop.contains(event.target as Node));
  const next = stops[step(current, stops.length - 1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function horizontalAsVertical(key: string, list: HTMLElement): string {
  if (list.getAttribute("role") !== "tablist") return key;
  const rtl = getComputedStyle(list).direction === "rtl";
  if (key === "ArrowRight") return rtl ? "ArrowUp" : "ArrowDown";
  if (key === "ArrowLeft") return rtl ? "ArrowDown" : "ArrowUp";
  return key;
}
