import { HttpError } from "../http.ts";

/**
 * Cuts one page from rows that were selected with `limit pageSize + 1`: the extra row tells that there is more.
 * The cursor of the next page is the id of this page's last row. Heddle hands it back as it came.
 */
export function cutPage<Row>(
  rows: Row[],
  pageSize: number,
  id: (row: Row) => string,
): { page: Row[]; nextCursor?: string } {
  const page = rows.slice(0, pageSize);
  const last = page.at(-1);
  return rows.length > pageSize && last ? { page, nextCursor: id(last) } : { page };
}

/** A cursor that is a message's id; null on the first page. */
export function messageCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  if (!/^\d{1,18}$/.test(cursor)) throw new HttpError(400, "The cursor is not one of ours.");
  return cursor;
}
