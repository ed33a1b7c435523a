import type { Result } from "../http/problem.ts";
import type { Page } from "./paged.ts";

interface Identified {
  id: string;
}

interface LaterPages<Row extends Identified> {
  /** The first page as it was fetched before. */
  before: Page<Row>;
  /** The first page as it is. */
  first: Page<Row>;
  /** At least so many rows are fetched, if there are so many. */
  count: number;
  /** Nothing but one hint has caused the fetch of the first page. */
  oneHint: boolean;
  fetchPage(cursor: string): Promise<Result<Page<Row> | null>> | null;
}

/**
 * Fetches again what is shown behind a first page (docs/realtime.md, rule 5). Returns all rows; `undefined` where it
 * need not be done, `null` where it failed.
 */
export async function fetchLaterPages<Row extends Identified>(
  { before, first, count, oneHint, fetchPage }: LaterPages<Row>,
): Promise<Page<Row> | null | undefined> {
  // One hint tells of one change, which the first page shows, or the second look after it finds behind.
  if (oneHint && !movedBehind(before, first)) return undefined;
  let { rows, nextCursor } = first;
  while (nextCursor !== undefined && rows.length < count) {
    const result = await fetchPage(nextCursor);
    if (!result?.ok || !result.value) return null;
    const known = new Set(rows.map(({ id }) => id));
    const more = result.value.rows.filter(({ id }) => !known.has(id));
    // A page that brings nothing new would be asked for again and again.
    nextCursor = more.length > 0 ? result.value.nextCursor : undefined;
    rows = [...rows, ...more];
  }
  return { rows, nextCursor };
}

/** The same rows in another place: what came or went did so behind them. */
function movedBehind(before: Page<Identified>, page: Page<Identified>): boolean {
  const ids = ({ rows }: Page<Identified>) => JSON.stringify(rows.map(({ id }) => id));
  return page.nextCursor !== before.nextCursor && ids(page) === ids(before);
}
