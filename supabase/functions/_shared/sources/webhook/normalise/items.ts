import type { Entry, Item } from "../../../../../../shared/items.ts";
import { ENTRY, ENTRY_ID, ITEM, ITEM_ID } from "./aliases.ts";
import { attachments } from "./attachments.ts";
import { type Authors, createRoles, takeAuthor } from "./author.ts";
import {
  count,
  extrasOf,
  fieldsOf,
  isSource,
  peek,
  type Source,
  text,
  time,
  unboxed,
  webUrl,
  withoutEmpty,
} from "./fields.ts";
import { contentIds, takeId } from "./ids.ts";
import { WebhookError } from "../webhook_error.ts";

/** So many entries of one answer are taken; the widget pages further with a cursor. */
export const MAX_ENTRIES = 1000;

/**
 * An owner's item; `missingId` names one that has no id of its own. What a form shows (`formKeys`) stands among its fields under the owner's key, even if it was understood as
 * something else too. Throws `source_invalid` for an id that can't be one.
 */
export function normaliseItem(
  source: Source,
  path: string,
  missingId: () => string,
  formKeys: readonly string[] = [],
): Item {
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
    fields: withFormValues(extrasOf(fields), source, formKeys),
  };
}

function withFormValues(extras: Source, source: Source, formKeys: readonly string[]): Source {
  const understood = formKeys.filter((key) => Object.hasOwn(source, key) && !Object.hasOwn(extras, key));
  if (understood.length === 0) return extras;
  return { ...extras, ...Object.fromEntries(understood.map((key) => [key, source[key]])) };
}

/** The last message may stand there as a whole. */
function preview(value: unknown): string | undefined {
  return isSource(value) ? fieldsOf(value).take(ENTRY.body, text) : text(value);
}

/**
 * One message of a thread; `missingId` names one without an id. Throws `source_invalid` for an id that can't
 * be one.
 */
export function normaliseEntry(
  source: Source,
  path: string,
  authors: Authors,
  missingId: () => string,
): Entry {
  const fields = fieldsOf(source);
  return {
    id: takeId(fields, ENTRY_ID, path) ?? missingId(),
    clientId: fields.take(ENTRY.clientId, text),
    author: takeAuthor(fields, authors),
    body: fields.take(ENTRY.body, text) ?? "",
    createdAt: fields.take(ENTRY.createdAt, time),
    editedAt: fields.take(ENTRY.editedAt, time),
    deletedAt: fields.take(ENTRY.deletedAt, time),
    readAt: fields.take(ENTRY.readAt, time),
    attachments: fields.take(ENTRY.attachments, attachments) ?? [],
    fields: extrasOf(fields),
  };
}

/**
 * A thread: sorted by `createdAt` if every entry has one, else in the owner's order. Of more than `MAX_ENTRIES`
 * the newest are taken.
 */
export function normaliseEntries(values: readonly unknown[], endUserId: string): Entry[] {
  const missingId = contentIds();
  const roles = createRoles();
  const authors: Authors = { endUserId, otherwise: "operator", onRole: roles.add };
  const entries = newestInOrder(withoutEmpty(values).map(unboxed)).map(({ source, index }) => {
    const path = `entries[${index}]`;
    if (!isSource(source)) throw new WebhookError("invalid_shape", `${path} must be an object`);
    return normaliseEntry(source, path, authors, () => missingId(source));
  });
  roles.settle(entries.map(({ author }) => author));
  return entries;
}

function newestInOrder(sources: readonly unknown[]): { source: unknown; index: number }[] {
  const places: { source: unknown; index: number; at: string }[] = [];
  for (const [index, source] of sources.entries()) {
    const at = isSource(source) ? peek(source, ENTRY.createdAt, time) : undefined;
    if (at === undefined) {
      const skipped = Math.max(0, sources.length - MAX_ENTRIES);
      return sources.slice(skipped).map((source, index) => ({ source, index: skipped + index }));
    }
    places.push({ source, index, at });
  }
  return places.sort((a, b) => compare(a.at, b.at)).slice(-MAX_ENTRIES);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
