import type { Entry, Item } from "../../../../../../shared/items.ts";
import {
  ENTRY,
  ENTRY_ID,
  ENTRY_ITEM_ID,
  ENTRY_KEYS,
  ENVELOPE_KEYS,
  ITEM_ID,
  ITEM_KEYS,
  OWN_ID,
} from "./aliases.ts";
import type { Authors } from "./authors.ts";
import { normaliseEntry } from "./entries.ts";
import { fieldsOf, isSource, object, type Source, text, unboxed } from "./fields.ts";
import { confirms, contentIds, normaliseItem, takeId } from "./items.ts";

export interface Written {
  item?: Item;
  /** True if the owner's answer itself names the item: only then may the visitor listen to it. */
  confirmed: boolean;
  entry?: Entry;
}

export interface WrittenRequest {
  authors: Authors;
  /** Absent: a new item was asked for. */
  itemId?: string;
  /** What an object without a wrapper is: an entry, an item, or, if it has a body, an entry. */
  bare: "entry" | "item" | "entry_if_body";
  /** The keys of the tab's form: their values stand among an item's fields too. */
  formKeys?: readonly string[];
}

/**
 * What `create_item` or `update_item` answered: an item, an entry, both, or nothing that is known. The owner
 * has done the work by then, so an item that is not the requested one is left out rather than refused: a
 * refusal would make the widget send again. Throws `source_invalid` for an id that can't be one.
 */
export function normaliseWritten(answer: unknown, request: WrittenRequest): Written {
  const { itemId } = request;
  const { item, entry } = partsOf(answer, request.bare);
  const isNamed = item !== undefined && itemId !== undefined &&
    confirms(item, itemId, { besideEntries: Object.keys(entry ?? {}).length > 0 });
  return {
    item: requested(item && writtenItem(item, request), itemId) ?? newItemOf(entry, itemId),
    confirmed: itemId === undefined || isNamed,
    entry: entry && normaliseEntry(entry, "entry", request.authors, () => contentIds()(entry)),
  };
}

function partsOf(boxed: unknown, bare: WrittenRequest["bare"]): { item?: Source; entry?: Source } {
  const answer = unboxed(boxed);
  const source = Array.isArray(answer) && answer.length === 1 ? unboxed(answer[0]) : answer;
  if (!isSource(source)) return {};
  const fields = fieldsOf(source);
  if (fields.take(OWN_ID, (value) => value) !== undefined) return bareParts(source, bare);
  const item = fields.take(ITEM_KEYS, object);
  const entry = fields.take(ENTRY_KEYS, object);
  if (item !== undefined || entry !== undefined) return { item, entry };
  if (fields.take([...ENTRY_ID, ...ITEM_ID], (value) => value) !== undefined) return bareParts(source, bare);
  const envelope = fields.take(ENVELOPE_KEYS, object);
  return envelope === undefined ? {} : partsOf(envelope, bare);
}

function bareParts(source: Source, bare: WrittenRequest["bare"]): { item?: Source; entry?: Source } {
  const isEntry = bare === "entry" || (bare === "entry_if_body" && hasBody(source));
  return isEntry ? { entry: source } : { item: source };
}

function hasBody(source: Source): boolean {
  return fieldsOf(source).take(ENTRY.body, text) !== undefined;
}

function writtenItem(source: Source, { itemId, formKeys }: WrittenRequest): Item | undefined {
  const id = takeId(fieldsOf(source), ITEM_ID, "item") ?? itemId;
  return id === undefined ? undefined : normaliseItem(source, "item", () => id, formKeys);
}

function requested(item: Item | undefined, itemId: string | undefined): Item | undefined {
  return itemId === undefined || item?.id === itemId ? item : undefined;
}

/** The first entry of a new conversation may be all that the owner answers; it then says where it belongs. */
function newItemOf(entry: Source | undefined, itemId: string | undefined): Item | undefined {
  if (entry === undefined || itemId !== undefined) return undefined;
  const id = takeId(fieldsOf(entry), ENTRY_ITEM_ID, "item");
  return id === undefined ? undefined : { id, unread: 0, fields: {} };
}
