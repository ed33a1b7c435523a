import type { Selection } from "../core/selection.ts";
import { currentRow, KEY_TARGETS, keyOf, move, onceThere, press } from "./keys.ts";

/** Down and up, with Shift. */
const EXTENDING: Readonly<Record<string, number>> = { J: 1, K: -1, ArrowDown: 1, ArrowUp: -1 };
const ACTING = ["e", "s", "c", "l"];

/** What a key does to the selection, or to what is selected; false if it does nothing there. `place`: see `move`. */
export function selectByKey(selection: Selection, event: KeyboardEvent, place: number): boolean {
  const { ctrlKey, metaKey, shiftKey, altKey, repeat, target } = event;
  const key = keyOf(event);
  const ids = selection.ids.value;
  const isInList = target instanceof Element && target.closest(".list") !== null;
  if (key === "a" && ctrlKey !== metaKey && !altKey && (ids || isInList)) selection.all();
  else if (ctrlKey || metaKey || altKey) return false;
  else if (shiftKey && EXTENDING[key] && (key.length === 1 || isInList)) {
    extend(selection, EXTENDING[key], place);
  } else if (repeat) return ids !== null && ACTING.includes(key);
  else if (key === "x") return toggle(selection);
  else if (!ids) return false;
  else if (key === "Escape") selection.end();
  else if (ids.size > 0 && ACTING.includes(key)) actOnSelected(selection, key);
  else return false;
  return true;
}

const idOf = (row: HTMLElement | undefined) => row?.dataset.row ?? null;

function toggle(selection: Selection): boolean {
  const id = idOf(currentRow());
  if (id) selection.toggle(id);
  return id !== null;
}

function extend(selection: Selection, step: number, place: number): void {
  const from = idOf(currentRow());
  move(step, place);
  const to = idOf(currentRow());
  if (to) selection.extend(from, to);
}

/** What can be done may still be on its way; it comes too late for what has been selected since. */
function actOnSelected(selection: Selection, key: string): void {
  const ids = selection.ids.value;
  const attempt = () => {
    if (selection.ids.value !== ids) return true;
    const bar = document.querySelector(KEY_TARGETS.selection);
    if (bar) press(key, bar);
    return bar !== null;
  };
  if (!attempt()) onceThere(attempt);
}
