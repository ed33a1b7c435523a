import type { Entry } from "../../shared/items.ts";

/** The entries of a conversation that are loaded, in order. */
export interface Stream<Row extends Entry> {
  /** Oldest first. */
  readonly rows: readonly Row[];
  /** Of the page before the oldest row; absent at the beginning. */
  readonly cursor: string | undefined;
  /** The newest page takes the place of all. */
  replace(page: StreamPage<Row>): void;
  /** Puts the page before what is loaded, if that is where `cursor` leads. */
  prepend(page: StreamPage<Row>, cursor: string): void;
  /** A new row, or a known one as it is now. What lies before the loaded rows comes with its page. */
  put(row: Row): void;
}

export interface StreamPage<Row extends Entry> {
  /** Oldest first. */
  entries: Row[];
  nextCursor?: string;
}

/** Below zero if the first stands before the second. */
export type Compare<Row> = (first: Row, second: Row) => number;

export function createStream<Row extends Entry>(compare: Compare<Row>): Stream<Row> {
  let rows: Row[] = [];
  let cursor: string | undefined;
  /** Rows that changed while they were not loaded: a page that was on its way may not know. */
  const unloaded = new Map<string, Row>();

  const fresh = (row: Row) => {
    const changed = unloaded.get(row.id);
    unloaded.delete(row.id);
    return changed ?? row;
  };

  return {
    get rows() {
      return rows;
    },
    get cursor() {
      return cursor;
    },
    replace(page) {
      unloaded.clear();
      rows = page.entries;
      cursor = page.nextCursor;
    },
    prepend(page, from) {
      if (from !== cursor) return;
      const known = new Set(rows.map(({ id }) => id));
      const older = page.entries.filter(({ id }) => !known.has(id));
      rows = [...older.map(fresh), ...rows];
      // A page that brings nothing would be asked for again and again.
      cursor = older.length > 0 ? page.nextCursor : undefined;
    },
    put(row) {
      const index = rows.findLastIndex(({ id }) => id === row.id);
      if (index >= 0) {
        rows = rows.with(index, row);
        return;
      }
      const before = rows.findLastIndex((other) => compare(other, row) < 0);
      if (before < 0 && cursor !== undefined) unloaded.set(row.id, row);
      else rows = rows.toSpliced(before + 1, 0, row);
    },
  };
}
