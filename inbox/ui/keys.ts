import { useLayoutEffect } from "preact/hooks";
import type { Place } from "./place.ts";

const STEPS: Readonly<Record<string, number>> = { j: 1, k: -1 };

/** Marks what keys lead to: a row, the field for a reply. */
export const KEY_TARGETS = { row: "data-row", reply: ".composer textarea" };

/** Single keys for what operators do all day; none is taken from a field or from the browser. */
export function useKeys(place: Place): void {
  useLayoutEffect(() => {
    const ending = new AbortController();
    addEventListener("keydown", (event) => act(event), { signal: ending.signal });
    return () => ending.abort();
  }, [place]);
}

function act(event: KeyboardEvent): void {
  if (event.key === "Escape" && isField(event.target)) (event.target as HTMLElement).blur();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isField(event.target)) return;
  const step = STEPS[event.key];
  if (step !== undefined) move(step);
  else if (event.key === "r") document.querySelector<HTMLElement>(KEY_TARGETS.reply)?.focus();
  else if (!press(event.key)) return;
  event.preventDefault();
}

/** Presses the button that has the key, if there is one. */
function press(key: string): boolean {
  const named = document.querySelectorAll<HTMLElement>("button[aria-keyshortcuts]");
  const button = [...named].find((each) => each.ariaKeyShortcuts === key && each.checkVisibility());
  button?.click();
  return button !== undefined;
}

/** Focuses the next row, or the open one at first; Enter opens it, as it does with every link. */
function move(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>(`[${KEY_TARGETS.row}]`)];
  const focused = rows.findIndex((row) => row === document.activeElement);
  const open = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const from = focused >= 0 ? focused : open;
  const next = from < 0 ? 0 : Math.min(Math.max(from + step, 0), rows.length - 1);
  rows[next]?.focus();
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
