import type { Author, AuthorRole } from "../../../../../../shared/items.ts";
import { AUTHOR, ENTRY, FLAT_AUTHOR, ROLES } from "./aliases.ts";
import { type Fields, fieldsOf, idText, isSource, text, webUrl } from "./fields.ts";

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
export function takeAuthor(entry: Fields, { endUserId, otherwise, onRole }: Authors): Author {
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

/** The role that the entry itself names, if it names one. */
export function takeRole(entry: Fields): AuthorRole | undefined {
  const own = entry.take(ENTRY.author, (value) => ofValue(value, "")?.word);
  return roleOf(own ?? entry.take(FLAT_AUTHOR.role, roleWord));
}

/** What the word stands for; `undefined` where it is none of `ROLES`. */
export function roleOf(word: unknown): AuthorRole | undefined {
  const known = roleWord(word);
  return known === undefined ? undefined : ROLES[known];
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
