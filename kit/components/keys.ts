const STEPS: Readonly<Record<string, (index: number, last: number) => number>> = {
  ArrowDown: (index, last) => Math.min(index + 1, last),
  ArrowUp: (index) => Math.max(index - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/**
 * One tab stop for a whole list: the index that arrow keys, Home or End move the focus to. With another key it is
 * `current`, and the event goes on.
 */
export function nextStop(event: KeyboardEvent, current: number, last: number): number {
  const step = STEPS[horizontalAsVertical(event.key, event.currentTarget as HTMLElement)];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return current;
  event.preventDefault();
  return step(current, last);
}

function horizontalAsVertical(key: string, list: HTMLElement): string {
  if (list.getAttribute("role") !== "tablist") return key;
  const rtl = getComputedStyle(list).direction === "rtl";
  if (key === "ArrowRight") return rtl ? "ArrowUp" : "ArrowDown";
  if (key === "ArrowLeft") return rtl ? "ArrowDown" : "ArrowUp";
  return key;
}

/** Whether a key belongs to a composition. Safari ends one before the key that ended it, and marks that key with code 229. */
export function composes({ isComposing, keyCode }: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean {
  return isComposing || keyCode === 229;
}
