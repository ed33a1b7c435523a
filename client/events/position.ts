/** Where a reader stands in the event log: what a cursor says, for whoever also hears events live. */

/** As Postgres writes it: `xmin:xmax:xip,…`. */
interface Snapshot {
  xmin: number;
  xmax: number;
  open: ReadonlySet<number>;
}

/** A cursor, and the events after it that were handled already. */
export interface Position {
  cursor: string;
  ids: string[];
}

/** What a cursor stands for; `isWhole` unless it is one between two pages. Throws for what is no cursor. */
export function readCursor(cursor: string): { snapshot: Snapshot; isWhole: boolean } {
  const [, from = "", to] = atob(cursor.replaceAll("-", "+").replaceAll("_", "/")).split("~");
  const [xmin, xmax, xip = ""] = from.split(":");
  const open = new Set(xip === "" ? [] : xip.split(",").map(Number));
  return { snapshot: { xmin: Number(xmin), xmax: Number(xmax), open }, isWhole: to === undefined };
}

/** Whether a read up to this snapshot held what the transaction did. */
export function isVisible(xid: number, { xmin, xmax, open }: Snapshot): boolean {
  return xid < xmin || (xid < xmax && !open.has(xid));
}

/** The position that `position()` of a subscription wrote; a bare cursor is one too. */
export function readPosition(text: string): Position {
  const [cursor = "", ids] = text.split(" ");
  return { cursor, ids: ids ? ids.split(",") : [] };
}

export function writePosition({ cursor, ids }: Position): string {
  return ids.length > 0 ? `${cursor} ${ids.join(",")}` : cursor;
}
