import type { ChangingListPage, RowChange } from "./changing_list.ts";
import type { Compare } from "./stream.ts";

export interface ListRow {
  id: string;
  /** Counts its changes. */
  rev: number;
}

export interface ListRowsSetup<Row> {
  /** Last activity first. */
  compare: Compare<Row>;
  /** True for a row that the view shows. */
  fits(row: Row): boolean;
  /** The row as the viewer's own changes, which are on their way, will leave it. */
  expected?(row: Row): Row;
}

/** The rows of a list by id, as far as they are known, and how far pages have come. */
export function createListRows<Row extends ListRow>(
  { compare, fits, expected = (row) => row }: ListRowsSetup<Row>,
) {
  /** Also those that do not fit: the next change may be that they do. */
  const known = new Map<string, Row>();
  /** Those that an answer told have left: an event that was late says nothing against it. */
  const gone = new Set<string>();
  /** Those that left while a page was on its way: it may not know. */
  let leftMeanwhile: Set<string> | null = null;
  let generation = 0;
  let cursor: string | undefined;
  /** The last row of the last page: what lies behind it comes with its own page. */
  let end: Row | undefined;

  function put(row: Row) {
    const former = known.get(row.id);
    gone.delete(row.id);
    if (!former || former.rev <= row.rev) known.set(row.id, row);
  }

  function pageCame({ rows, nextCursor }: ChangingListPage<Row>, left?: Set<string>) {
    end = rows.at(-1) ?? end;
    cursor = nextCursor;
    for (const row of rows) if (!left?.has(row.id)) put(row);
  }

  return {
    get cursor() {
      return cursor;
    },
    /** In order, without those beyond the pages that came. */
    shown(): Row[] {
      const last = cursor === undefined ? undefined : end;
      return [...known.values()].map(expected)
        .filter((row) => fits(row) && (!last || compare(row, last) <= 0))
        .sort(compare);
    },
    /** The first page takes the place of all. */
    replace(page: ChangingListPage<Row>) {
      generation += 1;
      known.clear();
      gone.clear();
      end = undefined;
      pageCame(page);
    },
    /** A page behind `cursor` is on its way. */
    expectPage() {
      const expectedIn = generation;
      const left = new Set<string>();
      leftMeanwhile = left;
      return {
        came(page: ChangingListPage<Row>) {
          if (expectedIn === generation) pageCame(page, left);
          leftMeanwhile = null;
        },
        failed: () => void (leftMeanwhile = null),
      };
    },
    merge(rows: Row[], left: string[]) {
      rows.forEach(put);
      for (const id of left) {
        known.delete(id);
        gone.add(id);
        leftMeanwhile?.add(id);
      }
    },
    /** False if a fetch must tell more: of a row that is not known, or of changes before this one. */
    apply({ id, rev, change }: RowChange<Row>): boolean {
      if (gone.has(id)) return false;
      const former = known.get(id);
      if (former && rev <= former.rev) return true;
      const row = change(former);
      if (row === undefined) return false;
      if (row === null) known.delete(id);
      else known.set(id, { ...row, rev });
      return former === undefined || rev === former.rev + 1;
    },
  };
}
