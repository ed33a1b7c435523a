import type { Attachment, Author, AuthorRole, Entry, Item } from "../../../../../../shared/items.ts";
import { ATTACHMENT, AUTHOR, ENTRY, ENTRY_ID, FLAT_AUTHOR, ITEM, ITEM_ID, ROLES } from "./aliases.ts";
import {
  count,
  extrasOf,
  type Fields,
  fieldsOf,
  idText,
  isSource,
  type Source,
  text,
  time,
  webUrl,
} from "./fields.ts";
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

/** Whose entries these are. */
export interface Authors {
  endUserId: string;
  /** The role where an entry tells neither role nor id. */
  otherwise: AuthorRole;
}

/**
 * Who wrote the entry: an object, an id, a word such as "customer" or a name, completed by fields of the
 * entry itself. Without a known role it is the visitor if the ids agree, and somebody of the owner's if they
 * differ.
 */
function takeAuthor(entry: Fields, { endUserId, otherwise }: Authors): Author {
  const own = entry.take(ENTRY.author, (value) => ofValue(value, endUserId));
  const flat = ofFields(entry, FLAT_AUTHOR);
  const id = own?.id ?? flat.id;
  const roleById = id === endUserId ? "visitor" : "operator";
  return {
    role: own?.role ?? flat.role ?? (id === undefined ? otherwise : roleById),
    id,
    name: own?.name ?? flat.name,
    avatarUrl: own?.avatarUrl ?? flat.avatarUrl,
  };
}

function ofValue(value: unknown, endUserId: string): Partial<Author> | undefined {
  if (isSource(value)) return ofFields(fieldsOf(value), AUTHOR);
  if (typeof value === "number") return idText(value) === undefined ? undefined : { id: idText(value) };
  if (typeof value !== "string" || value === "") return undefined;
  const known = role(value);
  if (known !== undefined) return { role: known };
  return value === endUserId ? { id: value } : { name: value };
}

function ofFields(fields: Fields, aliases: typeof AUTHOR): Partial<Author> {
  return {
    role: fields.take(aliases.role, role),
    id: fields.take(aliases.id, idText),
    name: fields.take(aliases.name, text),
    avatarUrl: fields.take(aliases.avatarUrl, webUrl),
  };
}

function role(value: unknown): AuthorRole | undefined {
  if (typeof value !== "string") return undefined;
  const word = value.toLowerCase();
  return Object.hasOwn(ROLES, word) ? ROLES[word] : undefined;
}
