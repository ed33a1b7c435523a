import type { Author, AuthorRole, Entry } from "../../../../../../shared/items.ts";
import { AUTHOR, ENTRY, ENTRY_ID, FLAT_AUTHOR, ROLES } from "./aliases.ts";
import { attachments } from "./attachments.ts";
import {
  extrasOf,
  type Fields,
  fieldsOf,
  idText,
  isSource,
  peek,
  type Source,
  text,
  time,
  unboxed,
  webUrl,
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

/** Whose entries these are. */
export interface Authors {
  endUserId: string;
  /** The role where an entry tells neither role nor id. */
  otherwise: AuthorRole;
  /** Hears how an author's role is written, as `ROLES` has it. */
  onRole?(word: string, author: Author): void;
}

/** An author as an object says it; the role is a word of `ROLES`. */
type Said = Partial<Omit<Author, "role">> & { word?: string };

/**
 * Who wrote the entry: an object, an id, a word such as "customer" or a name, completed by fields of the
 * entry itself. Without a known role it is the visitor if the ids agree, and somebody of the owner's if they
 * differ.
 */
function takeAuthor(entry: Fields, { endUserId, otherwise, onRole }: Authors): Author {
  const own = entry.take(ENTRY.author, (value) => ofValue(value, endUserId));
  const flat = ofFields(entry, FLAT_AUTHOR);
  const id = own?.id ?? flat.id;
  const byId = id === endUserId ? "visitor" : "operator";
  const word = own?.word ?? flat.word;
  const author: Author = {
    role: (word === undefined ? undefined : ROLES[word]) ?? (id === undefined ? otherwise : byId),
    id,
    name: own?.name ?? flat.name,
    avatarUrl: own?.avatarUrl ?? flat.avatarUrl,
  };
  if (word !== undefined) onRole?.(word, author);
  return author;
}

function ofValue(value: unknown, endUserId: string): Said | undefined {
  if (isSource(value)) return ofFields(fieldsOf(value), AUTHOR);
  if (typeof value !== "string") {
    const id = idText(value);
    return id === undefined ? undefined : { id };
  }
  if (value === "") return undefined;
  const word = roleWord(value);
  if (word !== undefined) return { word };
  return value === endUserId ? { id: value } : { name: value };
}

function ofFields(fields: Fields, aliases: typeof AUTHOR): Said {
  return {
    word: fields.take(aliases.role, roleWord),
    id: fields.take(aliases.id, idText),
    name: fields.take(aliases.name, text),
    avatarUrl: fields.take(aliases.avatarUrl, webUrl),
  };
}

/** `End User`, `end-user` and `END_USER` are one word. */
function roleWord(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > 32) return undefined;
  const word = value.toLowerCase().replace(/[\s_-]/g, "");
  return Object.hasOwn(ROLES, word) ? word : undefined;
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
