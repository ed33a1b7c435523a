/** What a cursor into the event log says: whoever hears events live, or sends them, knows by it what a reader has. */

/** As Postgres writes it: `xmin:xmax:xip,…`. */
export interface Snapshot {
  xmin: number;
  xmax: number;
  open: ReadonlySet<number>;
}

export interface Cursor {
  /** Of the log in its database. */
  epoch: string;
  /** All of it was read. */
  snapshot: Snapshot;
  /** A cursor between two pages: of what came until `to` it was read up to a position. */
  page: { to: Snapshot; after: number } | null;
}

/** Where an event stands in the log. */
export interface LogPlace {
  pos: number;
  xid: number;
}

/** What a cursor stands for. Throws for what is no cursor. */
export function readCursor(cursor: string): Cursor {
  const [epoch = "", from = "", to, after] = atob(cursor.replaceAll("-", "+").replaceAll("_", "/")).split(
    "~",
  );
  const page = to === undefined ? null : { to: readSnapshot(to), after: Number(after) };
  return { epoch, snapshot: readSnapshot(from), page };
}

/** Throws for what is no snapshot. */
export function readSnapshot(text: string): Snapshot {
  const [, xmin, xmax, xip] = /^(\d+):(\d+):([\d,]*)$/.exec(text) ?? [];
  if (xmin === undefined) throw new TypeError("no snapshot");
  return { xmin: Number(xmin), xmax: Number(xmax), open: new Set(xip ? xip.split(",").map(Number) : []) };
}

/** Whether a read up to this snapshot held what the transaction did. */
export function isVisible(xid: number, { xmin, xmax, open }: Snapshot): boolean {
  return xid < xmin || (xid < xmax && !open.has(xid));
}

/** Whether whoever has this cursor has read the event, if it was one for them. */
export function hasRead({ snapshot, page }: Cursor, { pos, xid }: LogPlace): boolean {
  return isVisible(xid, snapshot) || (page !== null && isVisible(xid, page.to) && pos <= page.after);
}

/** Whether all that a cursor's holder may have read is visible in a snapshot. It may say no too often. */
export function isCovered({ snapshot, page }: Cursor, by: Snapshot): boolean {
  return by.xmin >= (page?.to ?? snapshot).xmax;
}
