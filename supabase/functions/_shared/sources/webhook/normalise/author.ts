import type { Author, AuthorRole } from "../../../../../../shared/items.ts";
import { AUTHOR, ENTRY, FLAT_AUTHOR, ROLES } from "./aliases.ts";
import { type Fields, fieldsOf, isSource } from "./fields.ts";
import { idText, text, webUrl } from "./values.ts";

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
export function takeAuthor(entry: Fields, { endUserId, otherwise }: Authors): Author {
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
