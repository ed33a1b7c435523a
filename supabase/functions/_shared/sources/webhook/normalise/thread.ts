import type { Entry, Item } from "../../../../../../shared/items.ts";
import { ENTRIES_KEYS, ENVELOPE_KEYS, ITEM_ID, ITEM_KEYS, OWN_ID, READ_LIST_KEYS } from "./aliases.ts";
import { normaliseEntries } from "./entries.ts";
import { confirms, normaliseItem, takeId, takeNextCursor } from "./items.ts";
import { fieldsOf, isSource, list, object, type Source, unboxed, withoutEmpty } from "./fields.ts";
import { WebhookError } from "../webhook_error.ts";

export interface Thread {
  item: Item;
  /**
   * True if the owner's answer itself says that it is the requested item: only then may the visitor listen to
   * it.
   */
  confirmed: boolean;
  entries: Entry[];
  nextCursor?: string;
}

interface Parts {
  item?: Source;
  entries?: unknown[];
  nextCursor?: string;
}

/**
 * What `item_clicked` answered: the item and its entries side by side, the item with its entries inside, or
 * the entries alone. A value that a form shows (`formKeys`) stands among the item's fields too. Throws
 * `source_invalid` if it holds neither, or another item than the requested one.
 */
export function normaliseThread(
  answer: unknown,
  itemId: string,
  endUserId: string,
  formKeys: readonly string[] = [],
): Thread {
  const { item, entries, nextCursor } = partsOf(unwrapThread(answer, itemId));
  if (item === undefined && entries === undefined) {
    throw new WebhookError(
      "invalid_shape",
      "the answer must hold the item with its id, or a list of entries",
    );
  }
  const normalised = normaliseItem(item ?? {}, "item", () => itemId, formKeys);
  if (normalised.id !== itemId) {
    throw new WebhookError("invalid_shape", "item.id must be the requested itemId");
  }
  const thread = normaliseEntries(entries ?? [], endUserId);
  return {
    item: normalised,
    confirmed: item !== undefined && confirms(item, itemId, { besideEntries: thread.length > 0 }),
    entries: thread,
    nextCursor,
  };
}

/** How many entries `item_clicked` answered. */
export function threadLength(answer: unknown, itemId: string): number {
  return withoutEmpty(partsOf(unwrapThread(answer, itemId)).entries ?? []).length;
}

function partsOf(answer: unknown): Parts {
  if (Array.isArray(answer)) return { entries: answer };
  if (!isSource(answer)) return {};
  const fields = fieldsOf(answer);
  const nextCursor = takeNextCursor(fields);
  // An item's own `item`, `items` or `data` are its content, such as the lines of an order.
  if (holds(answer, OWN_ID)) return { nextCursor, ...withEntriesInside(fields.rest()) };
  const item = fields.take(ITEM_KEYS, object);
  if (item !== undefined) {
    const beside = fields.take([...ENTRIES_KEYS, ...READ_LIST_KEYS], list);
    return { nextCursor, ...withEntriesInside(item, beside) };
  }
  if (holds(answer, ITEM_ID)) return { nextCursor, ...withEntriesInside(fields.rest()) };
  const entries = fields.take([...ENTRIES_KEYS, ...READ_LIST_KEYS], list);
  if (entries !== undefined) return { nextCursor, entries };
  const envelope = fields.take(ENVELOPE_KEYS, object);
  if (envelope === undefined) return {};
  const inner = partsOf(envelope);
  return { ...inner, nextCursor: inner.nextCursor ?? nextCursor };
}

function withEntriesInside(item: Source, beside?: unknown[]): Parts {
  if (beside !== undefined) return { item, entries: beside };
  const fields = fieldsOf(item);
  const entries = fields.take(ENTRIES_KEYS, list);
  return { item: fields.rest(), entries };
}

function holds(source: Source, aliases: readonly string[]): boolean {
  return fieldsOf(source).take(aliases, (value) => value) !== undefined;
}

function ownId(source: Source): string | undefined {
  return takeId(fieldsOf(source), ITEM_ID, "item");
}

/**
 * Takes a one-element outer array away unless its element is an entry: the requested item, or an object
 * around the parts.
 */
export function unwrapThread(boxed: unknown, itemId: string): unknown {
  const answer = unboxed(boxed);
  if (!Array.isArray(answer) || answer.length !== 1) return answer;
  const inner = unboxed(answer[0]);
  if (Array.isArray(inner)) return inner;
  if (!isSource(inner)) return answer;
  const id = ownId(inner);
  if (id !== undefined) return id === itemId ? inner : answer;
  const fields = fieldsOf(inner);
  const holdsParts = fields.take(ITEM_KEYS, object) ??
    fields.take([...ENTRIES_KEYS, ...READ_LIST_KEYS], list) ??
    fields.take(ENVELOPE_KEYS, object);
  return holdsParts === undefined ? answer : inner;
}
