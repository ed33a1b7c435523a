import type { Item } from "../../../../../../shared/items.ts";
import { ENVELOPE_KEYS, ITEM_ID, READ_LIST_KEYS } from "./aliases.ts";
import { contentIds, normaliseItem, takeNextCursor } from "./items.ts";
import { fieldsOf, isSource, list, object, unboxed, withoutEmpty } from "./fields.ts";
import { WebhookError } from "../webhook_error.ts";

/** So many items of one answer are taken; the widget pages further with a cursor. */
export const MAX_ITEMS = 1000;

export interface ItemList {
  items: Item[];
  nextCursor?: string;
}

/** The rows of an answer as they came. */
interface RawList {
  values: unknown[];
  nextCursor?: string;
}

/**
 * What `get_items` answered: a bare array, or an object with the array under one of the list keys, or either
 * inside an envelope or a one-element outer array. The order is the owner's; of more than `MAX_ITEMS` the first
 * are taken. A value that a form shows (`formKeys`) stands among the fields too. Throws `source_invalid`.
 */
export function normaliseList(answer: unknown, formKeys: readonly string[] = []): ItemList {
  const found = findList(unwrapList(answer));
  if (found === undefined) {
    throw new WebhookError(
      "invalid_shape",
      `the answer must be an array, or an object with one under ${READ_LIST_KEYS.join(", ")}`,
    );
  }
  const missingId = contentIds();
  const items = withoutEmpty(found.values).slice(0, MAX_ITEMS).map((boxed, index) => {
    const path = `items[${index}]`;
    const value = unboxed(boxed);
    if (!isSource(value)) throw new WebhookError("invalid_shape", `${path} must be an object`);
    return normaliseItem(value, path, () => missingId(value), formKeys);
  });
  return { items, nextCursor: found.nextCursor };
}

/** How many rows `get_items` answered; 0 if it answered no list. */
export function listLength(answer: unknown): number {
  return withoutEmpty(findList(unwrapList(answer))?.values ?? []).length;
}

/**
 * True for what `get_items` answers. An array of one or none is not taken for a list: workflow tools answer a
 * write like that.
 */
export function holdsList(answer: unknown): boolean {
  const inner = unwrapList(answer);
  return Array.isArray(inner) ? inner.length > 1 : findList(inner) !== undefined;
}

function findList(answer: unknown): RawList | undefined {
  if (Array.isArray(answer)) return { values: answer };
  if (!isSource(answer)) return undefined;
  const fields = fieldsOf(answer);
  const values = fields.take(READ_LIST_KEYS, list);
  if (values !== undefined) return { values, nextCursor: takeNextCursor(fields) };
  if (fields.take(ITEM_ID, (id) => id) !== undefined) return undefined;
  const inner = findList(fields.take(ENVELOPE_KEYS, object));
  return inner && { ...inner, nextCursor: inner.nextCursor ?? takeNextCursor(fields) };
}

/**
 * Takes the one-element outer array away that workflow tools put around an answer. An object inside it must
 * hold a list and have no id of its own: it could be an item otherwise.
 */
export function unwrapList(boxed: unknown): unknown {
  const answer = unboxed(boxed);
  if (!Array.isArray(answer) || answer.length !== 1) return answer;
  const inner = unboxed(answer[0]);
  if (Array.isArray(inner)) return inner;
  if (!isSource(inner)) return answer;
  const isItem = fieldsOf(inner).take(ITEM_ID, (value) => value) !== undefined;
  return !isItem && findList(inner) !== undefined ? inner : answer;
}
