import type { Item } from "../../../../../../shared/items.ts";
import { ITEM_ID, LIST_KEYS } from "./aliases.ts";
import { contentIds, takeNextCursor } from "./ids.ts";
import { normaliseItem, withoutEmpty } from "./items.ts";
import { fieldsOf, isSource, list, type Source } from "./fields.ts";
import { WebhookError } from "../webhook_error.ts";

export interface ItemList {
  items: Item[];
  nextCursor?: string;
}

/**
 * What `get_items` answered: a bare array, or an object with the array under one of the list keys, or either
 * inside a one-element outer array. The order is the owner's. Throws `source_invalid`.
 */
export function normaliseList(answer: unknown): ItemList {
  const { values, holder } = listOf(unwrapList(answer));
  const missingId = contentIds();
  const items = withoutEmpty(values).map((value, index) => {
    const path = `items[${index}]`;
    if (!isSource(value)) throw new WebhookError("invalid_shape", `${path} must be an object`);
    return normaliseItem(value, path, () => missingId(value));
  });
  return { items, nextCursor: holder && takeNextCursor(fieldsOf(holder)) };
}

/**
 * True for what `get_items` answers. An array of one or none is not taken for a list: workflow tools answer a
 * write like that.
 */
export function holdsList(answer: unknown): boolean {
  const inner = unwrapList(answer);
  if (Array.isArray(inner)) return inner.length > 1;
  return isSource(inner) && fieldsOf(inner).take(LIST_KEYS, list) !== undefined;
}

function listOf(answer: unknown): { values: unknown[]; holder?: Source } {
  if (Array.isArray(answer)) return { values: answer };
  const values = isSource(answer) ? fieldsOf(answer).take(LIST_KEYS, list) : undefined;
  if (isSource(answer) && values !== undefined) return { values, holder: answer };
  throw new WebhookError(
    "invalid_shape",
    `the answer must be an array, or an object with one under ${LIST_KEYS.join(", ")}`,
  );
}

/**
 * Takes the one-element outer array away that workflow tools put around an answer. An object inside it must
 * hold a list and have no id of its own: it could be an item otherwise.
 */
export function unwrapList(answer: unknown): unknown {
  if (!Array.isArray(answer) || answer.length !== 1) return answer;
  const [inner]: unknown[] = answer;
  if (Array.isArray(inner)) return inner;
  if (!isSource(inner)) return answer;
  const fields = fieldsOf(inner);
  const isItem = fields.take(ITEM_ID, (value) => value) !== undefined;
  return !isItem && fields.take(LIST_KEYS, list) !== undefined ? inner : answer;
}
