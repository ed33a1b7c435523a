import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";

/** The conversations of a list that are acted on together, by id: where their rows move does not matter. */
export interface Selection {
  /** `null` while none are being selected. */
  readonly ids: ReadonlySignal<ReadonlySet<string> | null>;
  /** The one that a range goes on from: the last that was selected by itself. */
  readonly anchor: string | null;
  /** Selects none yet. */
  begin(): void;
  toggle(id: string): void;
  /**
   * Selects all from one to another, in place of what the range before had up to there if it began at the same one, or ended at
   * `from`. Without `from` that one alone.
   */
  extend(from: string | null, to: string): void;
  /** All that is loaded. */
  all(): void;
  /** Selects these no more. */
  drop(ids: readonly string[]): void;
  end(): void;
  /** What the list has now, in the order in which it is seen. What is no longer there is selected no more. */
  show(rows: readonly { id: string }[]): void;
}

export function createSelection(): Selection {
  const ids = signal<ReadonlySet<string> | null>(null);
  let shown: readonly string[] = [];
  let anchor: string | null = null;
  let last: string | null = null;
  /** What was selected when the range began. */
  let before: readonly string[] = [];

  function select(chosen: Iterable<string>) {
    const there = new Set(shown);
    const next = new Set([...chosen].filter((id) => there.has(id)));
    ids.value = next.size > 0 ? next : null;
  }

  function beginRange(id: string) {
    anchor = last = id;
    before = [...ids.value ?? []];
  }

  function end() {
    ids.value = anchor = last = null;
    before = [];
  }

  return {
    ids,
    get anchor() {
      return anchor;
    },
    begin() {
      end();
      ids.value = new Set();
    },
    toggle(id) {
      const chosen = new Set(ids.value);
      if (!chosen.delete(id)) chosen.add(id);
      select(chosen);
      beginRange(id);
    },
    extend(from, to) {
      const isSame = anchor !== null && (from === anchor || from === last);
      if (!isSame || !shown.includes(anchor ?? "")) {
        beginRange(from !== null && shown.includes(from) ? from : to);
      }
      const [first = 0, end = 0] = [shown.indexOf(anchor ?? to), shown.indexOf(to)].sort((a, b) => a - b);
      last = to;
      select([...before, ...shown.slice(first, end + 1)]);
    },
    all: () => select(shown),
    drop(dropped) {
      if (ids.value) select([...ids.value].filter((id) => !dropped.includes(id)));
    },
    end,
    show(rows) {
      shown = rows.map(({ id }) => id);
      const there = new Set(shown);
      before = before.filter((id) => there.has(id));
      const { value } = ids;
      if (value === null || (there.size > 0 && [...value].every((id) => there.has(id)))) return;
      select(value);
    },
  };
}
