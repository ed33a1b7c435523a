import { HttpError } from "../http.ts";

/**
 * The row, if it belongs to the visitor; a 404 if it does not, or does not exist.
 *
 * Heddle verifies who the visitor is, but any visitor can request any id: what they may see is for the shop to decide.
 * Both cases answer alike, so that nobody can find out which ids exist.
 */
export function visibleTo<Row extends { visitorId: string }>(visitorId: string, row: Row | undefined): Row {
  if (row?.visitorId !== visitorId) throw new HttpError(404, "There is no such item.");
  return row;
}
