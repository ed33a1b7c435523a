import type { Entry } from "../../../../../../shared/items.ts";
import { ENTRY, ENTRY_ID } from "./aliases.ts";
import { attachments } from "./attachment.ts";
import { type Authors, takeAuthor } from "./author.ts";
import { extrasOf, fieldsOf, isSource, type Source } from "./fields.ts";
import { contentIds, takeId } from "./ids.ts";
import { time } from "./time.ts";
import { text } from "./values.ts";
import { WebhookError } from "../webhook_error.ts";

/** One message of a thread; `missingId` names one without an id. Throws `source_invalid` for an id that can't be one. */
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
