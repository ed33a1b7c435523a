import type { Author, AuthorRole } from "../../../../shared/items.ts";
import { AUTHOR, ENTRY, FLAT_AUTHOR, ROLES } from "./aliases.ts";
import { type Fields, fieldsOf, isSource } from "./fields.ts";
import { text, webUrl } from "./values.ts";

/**
 * Who wrote the entry: an object, a word such as "customer" or a name, completed by fields of the entry itself. Without a
 * known role it is the visitor if the ids agree, else somebody of the owner's.
 */
export function takeAuthor(entry: Fields, endUserId: string): Author {
  const own = entry.take(ENTRY.author, (value) => ofValue(value, endUserId));
  const flat = ofFields(entry, FLAT_AUTHOR);
  const id = own?.id ?? flat.id;
  return {
    role: own?.role ?? flat.role ?? (id === endUserId ? "visitor" : "operator"),
    id,
    name: own?.name ?? flat.name,
    avatarUrl: own?.avatarUrl ?? flat.avatarUrl,
  };
}

function ofValue(value: unknown, endUserId: string): Partial<Author> | undefined {
  if (isSource(value)) return ofFields(fieldsOf(value), AUTHOR);
  if (typeof value !== "string" || value === "") return undefined;
  const known = role(value);
  if (known !== undefined) return { role: known };
  return value === endUserId ? { id: value } : { name: value };
}

function ofFields(fields: Fields, aliases: typeof AUTHOR): Partial<Author> {
  return {
    role: fields.take(aliases.role, role),
    id: fields.take(aliases.id, text),
    name: fields.take(aliases.name, text),
    avatarUrl: fields.take(aliases.avatarUrl, webUrl),
  };
}

function role(value: unknown): AuthorRole | undefined {
  if (typeof value !== "string") return undefined;
  const word = value.toLowerCase();
  return Object.hasOwn(ROLES, word) ? ROLES[word] : undefined;
}
