import type { VNode } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ChangingListState } from "../../client/sync/changing_list.ts";
import { prefersStillness } from "../../kit/components/motion.ts";
import type { Row } from "../core/rows.ts";
import { shiftOf, withHeld } from "./held_rows.ts";

/** Pixels; the style sheet has the same. */
const ROW_HEIGHT = 72;
/** Rows above and below those in view that stand in the document as well. */
const AROUND = 8;
/** Of a screen that has not been measured. */
const FIRST_HEIGHT = 1000;
/** Pixels from the end at which the next page is asked for. */
const NEAR_END = 1200;
/** Milliseconds after its last step for which a list is taken to be scrolled. */
const SCROLLING = 150;
/** Of a row to its new place, in milliseconds. */
const MOVE = { duration: 180, easing: "cubic-bezier(.2, .8, .2, 1)" };

interface RowsProps {
  state: ChangingListState<Row>;
  onMore: () => void;
  /** Whenever other rows are there or in another order, in that in which they are seen; none at the end. */
  onShown(rows: readonly Row[]): void;
  /** Of those that are pointed at or have the focus: what their reader did to them shows at once. */
  mayLeave(id: string): boolean;
  children: (row: Row) => VNode;
}

/** Those rows that are in view or near, each in the place that it has in the whole list. */
export function Rows({ state, onMore, onShown, mayLeave, children }: RowsProps) {
  const { hasMore, loadingMore, problem } = state;
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const scrolledAt = useRef(-Infinity);
  const top = useRef(0);
  const [{ first, last }, setWindow] = useState(windowAt(0, FIRST_HEIGHT));
  const { held, handlers, focused } = useHeld();
  const { rows, shift, placesBefore } = useArrangement(state.rows, { held, mayLeave, top });
  // Made once: scrolling draws only what comes into view. On the next day a time may read otherwise.
  const made = useMemo(() => new WeakMap<Row, VNode>(), [new Date().toDateString()]);

  function drawn(row: Row): VNode {
    const vnode = made.get(row) ?? children(row);
    made.set(row, vnode);
    return vnode;
  }

  function look() {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop, clientHeight } = element;
    top.current = scrollTop;
    const next = windowAt(scrollTop, clientHeight || FIRST_HEIGHT);
    setWindow((former) => former.first === next.first && former.last === next.last ? former : next);
    const left = rows.length * ROW_HEIGHT - scrollTop - clientHeight;
    if (left < NEAR_END && hasMore && !loadingMore && !problem) onMore();
  }

  useLayoutEffect(() => {
    if (shift !== 0 && scroller.current) scroller.current.scrollTop += shift * ROW_HEIGHT;
    const isStill = performance.now() - scrolledAt.current < SCROLLING || prefersStillness();
    if (!isStill && list.current) animateMoves(list.current, placesBefore, shift);
  }, [rows]);
  useLayoutEffect(look, [state, rows]);
  useLayoutEffect(() => onShown(rows), [rows]);
  useLayoutEffect(() => () => onShown([]), []);
  useFocusKept(list, rows, focused);

  const shown = rows.slice(first, last).map((row, index) => ({ row, place: first + index }));
  // Out of sight it keeps the focus all the same.
  const away = rows.findIndex(({ id }) => id === focused.current?.id);
  const awayRow = rows[away];
  if (awayRow && (away < first || away >= last)) shown.push({ row: awayRow, place: away });
  return (
    <div
      class="scroll"
      ref={scroller}
      onScroll={() => {
        scrolledAt.current = performance.now();
        look();
      }}
    >
      <ul class="rows" ref={list} style={{ height: `${rows.length * ROW_HEIGHT}px` }} {...handlers}>
        {shown.map(({ row, place }) => (
          <li
            key={row.id}
            data-id={row.id}
            aria-posinset={place + 1}
            aria-setsize={hasMore ? -1 : rows.length}
            style={{ top: `${place * ROW_HEIGHT}px` }}
          >
            {drawn(row)}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The places that stand in the document; `last` is the first behind them. */
const windowAt = (top: number, height: number) => ({
  first: Math.max(0, Math.floor(top / ROW_HEIGHT) - AROUND),
  last: Math.ceil((top + height) / ROW_HEIGHT) + AROUND,
});

const idAt = (target: EventTarget | null) =>
  target instanceof Element ? target.closest<HTMLElement>("[data-id]")?.dataset.id ?? null : null;

/**
 * The rows that are under the pointer, or have the focus by a key: somebody is about to press one of them. Whoever has clicked one
 * goes on by the pointer.
 */
function useHeld() {
  const [held, setHeld] = useState<ReadonlySet<string>>(new Set());
  const pointed = useRef<string | null>(null);
  const focused = useRef<{ id: string; byKey: boolean } | null>(null);

  function tell() {
    const byKey = focused.current?.byKey ? focused.current.id : null;
    const ids = [pointed.current, byKey].filter((id) => typeof id === "string");
    setHeld((former) =>
      former.size === new Set(ids).size && ids.every((id) => former.has(id)) ? former : new Set(ids)
    );
  }

  const point = (id: string | null) => {
    pointed.current = id;
    tell();
  };
  const focus = (target: Element | null) => {
    const id = idAt(target);
    focused.current = id === null ? null : { id, byKey: target?.matches(":focus-visible") ?? false };
    tell();
  };
  return {
    held,
    focused,
    handlers: {
      // A finger is over a row only while it presses it.
      onPointerOver: ({ target, pointerType }: PointerEvent) =>
        pointerType !== "touch" && point(idAt(target)),
      onPointerLeave: ({ pointerType }: PointerEvent) => pointerType !== "touch" && point(null),
      onFocusIn: ({ target }: FocusEvent) => focus(target as Element),
      onFocusOut: ({ target }: FocusEvent) =>
        // Chromium says this also of what is being removed: see `useFocusKept`.
        queueMicrotask(() => (target as Element).isConnected && focus(document.activeElement)),
    },
  };
}

interface Arranging {
  held: ReadonlySet<string>;
  mayLeave(id: string): boolean;
  /** How far the list is scrolled, in pixels. */
  top: { readonly current: number };
}

interface Arrangement {
  rows: readonly Row[];
  /** By how many rows what is in view moved down. */
  shift: number;
  placesBefore: ReadonlyMap<string, number>;
}

/** The rows as they are shown: none moves away from the pointer or the focus, or from the eyes of somebody who has scrolled down. */
function useArrangement(rows: readonly Row[], { held, mayLeave, top }: Arranging): Arrangement {
  const last = useRef<{ from: readonly Row[]; held: ReadonlySet<string>; made: Arrangement }>(undefined);
  const former = last.current;
  if (former?.from === rows && former.held === held) return former.made;
  const shown = former?.made.rows ?? [];
  const scrolled = top.current;
  const shift = scrolled < ROW_HEIGHT / 2 ? 0 : shiftOf(rows, shown, Math.floor(scrolled / ROW_HEIGHT), held);
  const arranged = withHeld(rows, shown, held, { shift, mayLeave });
  const placesBefore = new Map(shown.map(({ id }, place) => [id, place]));
  last.current = { from: rows, held, made: { rows: arranged, shift, placesBefore } };
  return last.current.made;
}

const moving = new WeakMap<Element, Animation>();

/** From where a row was to where it is, by a transformation alone: nothing is laid out or measured for it. */
function animateMoves(list: HTMLElement, before: ReadonlyMap<string, number>, shift: number): void {
  for (const element of list.children) {
    if (!(element instanceof HTMLElement)) continue;
    const former = before.get(element.dataset.id ?? "");
    if (former === undefined) continue;
    const rows = former + shift + 1 - Number(element.ariaPosInSet);
    if (rows === 0) continue;
    moving.get(element)?.cancel();
    // From beyond what is in the document a row comes from its edge.
    const from = Math.sign(rows) * Math.min(Math.abs(rows), list.children.length) * ROW_HEIGHT;
    // What moves far goes over the others.
    const zIndex = Math.abs(rows) > 1 ? 1 : 0;
    const keyframes = [{ transform: `translateY(${from}px)`, zIndex }, { transform: "none", zIndex }];
    moving.set(element, element.animate(keyframes, MOVE));
  }
}

/** Where the row with the focus has left, the next that is still there gets it, or else the last. */
function useFocusKept(
  list: { readonly current: HTMLElement | null },
  rows: readonly Row[],
  focused: { readonly current: { id: string } | null },
): void {
  const former = useRef(rows);
  useLayoutEffect(() => {
    if (!focused.current) return;
    const { id } = focused.current;
    if (rows.some((row) => row.id === id)) return void (former.current = rows);
    const there = new Map(rows.map((row, place) => [row.id, place + 1]));
    const following = former.current.slice(former.current.findIndex((row) => row.id === id));
    const next = there.get(following.find((row) => there.has(row.id))?.id ?? "") ?? rows.length;
    list.current?.querySelector<HTMLElement>(`[aria-posinset="${next}"] a`)?.focus({ preventScroll: true });
  });
}
