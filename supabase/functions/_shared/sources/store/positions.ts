import { HeddleError } from "../../../../../shared/errors.ts";
import { lowercaseUuid } from "../../../../../shared/ids.ts";

/** A conversation's place in a list: when its last message came, as Postgres writes times, and its id. */
export interface ListPlace {
  at: string;
  id: string;
}

const LIST_CURSOR = /^(\d{1,10})(\d{6})\.([0-9a-f-]{36})$/;
const ENTRY_NUMBER = /^[1-9]\d{0,8}$/;

/** Microseconds since the epoch and the id: no reader can make another time of it than it was. */
export function listCursor({ at, id }: ListPlace): string {
  const fraction = /\.(\d{1,6})/.exec(at)?.[1] ?? "";
  return `${Math.floor(Date.parse(at) / 1000)}${fraction.padEnd(6, "0")}.${id}`;
}

/** The place that a list's cursor stands for. Throws `invalid_request` for what is none. */
export function listPlace(cursor: string): ListPlace {
  const [, seconds, fraction, id = ""] = LIST_CURSOR.exec(cursor) ?? [];
  if (seconds === undefined || !isUuid(id)) throw unknownCursor();
  const at = new Date(Number(seconds) * 1000).toISOString().replace("000Z", `${fraction}Z`);
  return { at, id };
}

/** The entry before which a page of a thread ends. Throws `invalid_request`. */
export function threadPlace(cursor: string): number {
  if (!ENTRY_NUMBER.test(cursor)) throw unknownCursor();
  return Number(cursor);
}

/** The store's own id of a conversation. Throws `item_not_found`: it made no other. */
export function conversationId(itemId: string): string {
  if (!isUuid(itemId)) throw itemNotFound();
  return itemId;
}

/** An entry's place in its conversation. Throws `item_not_found`. */
export function entryPlace(entryId: string): number {
  if (!ENTRY_NUMBER.test(entryId)) throw itemNotFound();
  return Number(entryId);
}

export function itemNotFound(cause?: unknown): HeddleError {
  return new HeddleError("item_not_found", "This visitor has no such conversation or message.", { cause });
}

function isUuid(text: string): boolean {
  return lowercaseUuid.safeParse(text).success;
}

function unknownCursor(): HeddleError {
  const message = "must be a cursor of an earlier answer";
  return new HeddleError("invalid_request", "The cursor must be one from an earlier answer.", {
    issues: [{ path: "cursor", message }],
  });
}
