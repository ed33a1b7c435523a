import type { Author, Entry } from "../../../../../../shared/items.ts";
import { ENTRY, ENTRY_ID } from "./aliases.ts";
import { attachments } from "./attachments.ts";
import { type Authors, takeAuthor } from "./authors.ts";
import {
  extrasOf,
  fieldsOf,
  isSource,
  peek,
  type Source,
  text,
  time,
  unboxed,
  withoutEmpty,
} from "./fields.ts";
import { contentIds, takeId } from "./items.ts";
import { WebhookError } from "../webhook_error.ts";

/** So many entries of one answer are taken; the widget pages further with a cursor. */
export const MAX_ENTRIES = 1000;

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

/** The roles of one thread, of which one word depends on the others. */
export interface Roles {
  add(word: string, author: Author): void;
  /**
   * `human` is the visitor in a thread with an AI (LangChain and what keeps its memory write both), unless the
   * thread has a visitor under another name: then it is the operator who took over.
   */
  settle(authors: readonly Author[]): void;
}

function createRoles(): Roles {
  const words = new Set<string>();
  const humans: Author[] = [];
  return {
    add(word, author) {
      words.add(word);
      if (word === "human") humans.push(author);
    },
    settle(authors) {
      if (!words.has("ai") || authors.some(({ role }) => role === "visitor")) return;
      for (const author of humans) author.role = "visitor";
    },
  };
}
