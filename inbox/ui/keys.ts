import { useLayoutEffect, useRef } from "preact/hooks";
import { composes } from "../../kit/components/keys.ts";
import type { View } from "../core/rows.ts";
import { goTo } from "./place.ts";

const STEPS: Readonly<Record<string, number>> = { j: 1, k: -1 };
/** What follows `g`. */
export const VIEW_KEYS: Readonly<Record<string, View>> = {
  n: "needs_human",
  w: "waiting",
  m: "mine",
  u: "unassigned",
  o: "open",
  s: "snoozed",
  r: "resolved",
};
/** How long `g` waits for its second letter, in milliseconds. */
const SECOND_KEY = 1500;

/**
 * Marks what keys lead to: a row, the field for a reply, the conversation's labels or where they are made, the field for a search,
 * and what can be done with the rows that are selected.
 */
export const KEY_TARGETS = {
  row: "data-row",
  reply: ".composer textarea",
  labels: "[data-labels]",
  search: "input[data-search]",
  selection: "[data-selection]",
};

export interface KeyActions {
  openPalette(): void;
  showKeys(): void;
  /** Selects rows or acts on those that are selected, before anything else; false if the key is for neither. */
  select(event: KeyboardEvent, place: number): boolean;
  /** Does to that conversation what the key stands for, wherever it is shown; false if it must be open for that. */
  actOn(key: string, conversationId: string): boolean;
  /** Says why the key does nothing to the open conversation; false if there is nothing to say. */
  explain(key: string): boolean;
}

/** Single keys for what operators do all day; none is taken from a field, from a dialog or from the browser. */
export function useKeys(actions: KeyActions): void {
  const latest = useRef(actions);
  latest.current = actions;
  useLayoutEffect(() => {
    const ending = new AbortController();
    let goUntil = 0;
    /** Where the row that keys move from was last: it may have left since. */
    let place = 0;
    addEventListener("keydown", (event) => {
      if (composes(event) || event.defaultPrevented) return;
      const isGo = event.timeStamp < goUntil;
      goUntil = 0;
      place = currentPlace() ?? place;
      const key = keyOf(event);
      if (key === "Escape" && isField(event.target)) event.target.blur();
      const isFree = !isTaken(event.target);
      if (isPaletteKey(event)) latest.current.openPalette();
      else if (isFree && !isGo && latest.current.select(event, place)) return event.preventDefault();
      else if (isFree && isUndoKey(event) && press("z")) return event.preventDefault();
      else if (event.ctrlKey || event.metaKey || event.altKey || !isFree) return;
      // A key that is held down goes on moving, and does nothing twice.
      else if (event.repeat && STEPS[key] === undefined) return;
      else if (key === "g") goUntil = event.timeStamp + SECOND_KEY;
      else if (isGo) goToView(key);
      else if (key === "?") latest.current.showKeys();
      else if (!actOnRow(key, latest.current) && !act(key, place) && !latest.current.explain(key)) return;
      event.preventDefault();
    }, { signal: ending.signal });
    return () => ending.abort();
  }, []);
}

/** Also from within a field: no browser writes anything with it. */
function isPaletteKey(event: KeyboardEvent): boolean {
  const { ctrlKey, metaKey, shiftKey, altKey } = event;
  return keyOf(event) === "k" && ctrlKey !== metaKey && !shiftKey && !altKey;
}

/** Outside of fields, where it takes back what was written. */
function isUndoKey(event: KeyboardEvent): boolean {
  const { ctrlKey, metaKey, shiftKey, altKey, repeat } = event;
  return keyOf(event) === "z" && ctrlKey !== metaKey && !shiftKey && !altKey && !repeat;
}

type Pressed = Pick<KeyboardEvent, "key" | "code" | "shiftKey">;

/**
 * The key that was pressed: a letter as Shift makes it, whatever Caps Lock does. On a layout without Latin letters it is the
 * letter that stands in its place on an English one.
 */
export function keyOf({ key, code, shiftKey }: Pressed): string {
  if (!/^\p{L}$/u.test(key)) return key;
  const isLatin = /^\p{Script=Latin}$/u.test(key);
  const letter = isLatin ? key : /^Key([A-Z])$/.exec(code)?.[1] ?? key;
  return shiftKey ? letter.toUpperCase() : letter.toLowerCase();
}

function goToView(key: string): void {
  const view = VIEW_KEYS[key];
  if (view) goTo({ view });
  else if (key === "t") goTo({ section: "team" });
}

function act(key: string, place: number): boolean {
  const step = STEPS[key];
  if (step !== undefined) move(step, place);
  else if (key === "l") focusLabels();
  else return press(key);
  return true;
}

/** Keys that act on the conversation with the focus in the list, before the open one. */
const ROW_KEYS = ["c", "e", "l", "s"];

/** Acts on the focused row, which is opened where the key leads to something that the open one has. False without such a row. */
function actOnRow(key: string, { actOn }: KeyActions): boolean {
  const row = listedRows().find((each) => each === document.activeElement);
  if (!row || row.getAttribute("aria-current") === "true" || !ROW_KEYS.includes(key)) return false;
  if (actOn(key, row.dataset.row ?? "")) return true;
  row.click();
  onceThere(() => row.getAttribute("aria-current") === "true" && act(key, 0));
  return true;
}

/** Tries until it is done or a while has passed, whenever the page has become another one. */
export function onceThere(attempt: () => boolean): void {
  const watch = new MutationObserver(() => attempt() && watch.disconnect());
  watch.observe(document.body, { childList: true, subtree: true, attributes: true });
  setTimeout(() => watch.disconnect(), SECOND_KEY);
}

/** Whether it is shown, and nothing in its place. */
export const isSeen = (button: HTMLElement) => button.checkVisibility({ visibilityProperty: true });

/** Presses the button that has the key, if there is one. */
export function press(key: string, within: ParentNode = document): boolean {
  const named = within.querySelectorAll<HTMLElement>("button[aria-keyshortcuts]");
  const button = [...named].find((each) => each.ariaKeyShortcuts === key && isSeen(each));
  button?.click();
  return button !== undefined;
}

/** Opens the details if they are folded away; they hold the labels. */
function focusLabels(): void {
  const find = () => document.querySelector<HTMLElement>(KEY_TARGETS.labels);
  if (find()) return find()?.focus();
  if (!press("i")) return;
  onceThere(() => {
    find()?.focus();
    return find() !== null;
  });
}

const listedRows = () => [...document.querySelectorAll<HTMLElement>(`[${KEY_TARGETS.row}]`)];
const placeOf = (row: Element) => Number(row.closest("[aria-posinset]")?.ariaPosInSet ?? 0);

/** The row with the focus in it, or else the open one. */
export function currentRow(): HTMLElement | undefined {
  const rows = listedRows();
  return rows.find((row) => row.parentElement?.contains(document.activeElement)) ??
    rows.find((row) => row.getAttribute("aria-current") === "true");
}

function currentPlace(): number | undefined {
  const row = currentRow();
  return row && placeOf(row);
}

/**
 * Focuses the next row, the open one's at first; Enter opens it, as it does with every link. From a row that has left, the one in
 * its place is the next.
 */
export function move(step: number, place: number): void {
  const rows = listedRows();
  const current = currentRow();
  const following = rows.findIndex((row) => placeOf(row) >= place);
  const gap = (following < 0 ? rows.length : following) - (step > 0 ? 1 : 0);
  const from = current ? rows.indexOf(current) : gap;
  const next = Math.min(Math.max(from + step, 0), rows.length - 1);
  rows[next]?.focus();
}

function isTaken(target: EventTarget | null): boolean {
  return isField(target) || (target instanceof Element && target.closest("dialog") !== null);
}

/** Nothing is written into what is only checked. */
function isField(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select"));
}
