import type { Attachment, Entry, Item } from "../../../../../../shared/items.ts";
import { ATTACHMENT, ENTRY, ENTRY_ID, ITEM, ITEM_ID } from "./aliases.ts";
import { extrasOf, fieldsOf, isSource, type Source } from "./fields.ts";
import { count, idText, text, time, webUrl } from "./values.ts";
import { type Authors, takeAuthor } from "./author.ts";
import { contentIds, takeId } from "./ids.ts";
import { WebhookError } from "../webhook_error.ts";

/**
 * An owner's item; `missingId` names one that has no id of its own. Throws `source_invalid` for an id that
 * can't be one.
 */
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

/** A thread: sorted by `createdAt` if every entry has one, else in the owner's order. */
export function normaliseEntries(values: readonly unknown[], endUserId: string): Entry[] {
  const missingId = contentIds();
  const authors: Authors = { endUserId, otherwise: "operator" };
  const entries = withoutEmpty(values).map((value, index) => {
    const path = `entries[${index}]`;
    if (!isSource(value)) throw new WebhookError("invalid_shape", `${path} must be an object`);
    return normaliseEntry(value, path, authors, () => missingId(value));
  });
  if (entries.some(({ createdAt }) => createdAt === undefined)) return entries;
  return entries.sort((a, b) => compare(a.createdAt ?? "", b.createdAt ?? ""));
}

/** No-code tools write an empty result as one empty object. */
export function withoutEmpty(values: readonly unknown[]): unknown[] {
  return values.filter((value) => !(isSource(value) && Object.keys(value).length === 0));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The attachments that have a URL a browser may open; an element may be the URL alone. */
function attachments(value: unknown): Attachment[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((element) => attachment(isSource(element) ? element : { url: element }) ?? []);
}

function attachment(source: Record<string, unknown>): Attachment | undefined {
  const fields = fieldsOf(source);
  const url = fields.take(ATTACHMENT.url, webUrl);
  if (url === undefined) return undefined;
  return {
    id: fields.take(ATTACHMENT.id, idText),
    url,
    name: fields.take(ATTACHMENT.name, text),
    mime: fields.take(ATTACHMENT.mime, text),
    size: fields.take(ATTACHMENT.size, count),
    width: fields.take(ATTACHMENT.width, count),
    height: fields.take(ATTACHMENT.height, count),
  };
}
