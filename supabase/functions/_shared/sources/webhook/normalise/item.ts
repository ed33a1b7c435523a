import type { Item } from "../../../../../../shared/items.ts";
import { ENTRY, ITEM, ITEM_ID } from "./aliases.ts";
import { extrasOf, fieldsOf, isSource, type Source } from "./fields.ts";
import { takeId } from "./ids.ts";
import { time } from "./time.ts";
import { count, text, webUrl } from "./values.ts";

/** An owner's item; `missingId` names one that has no id of its own. Throws `source_invalid` for an id that can't be one. */
export function normaliseItem(source: Source, path: string, missingId: () => string): Item {
  const fields = fieldsOf(source);
  const id = takeId(fields, ITEM_ID, path) ?? missingId();
  return {
    id,
    title: fields.take(ITEM.title, text),
    preview: fields.take(ITEM.preview, preview),
    timestamp: fields.take(ITEM.timestamp, time),
    unread: fields.take(ITEM.unread, count) ?? 0,
    status: fields.take(ITEM.status, text),
    avatarUrl: fields.take(ITEM.avatarUrl, webUrl),
    fields: extrasOf(fields),
  };
}

/** The last message may stand there as a whole. */
function preview(value: unknown): string | undefined {
  return isSource(value) ? fieldsOf(value).take(ENTRY.body, text) : text(value);
}
