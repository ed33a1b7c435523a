import type { AuthorRole, Item } from "../../../../../../shared/items.ts";
import { ENTRY, ITEM, ITEM_ID, NEXT_CURSOR, OWN_ID } from "./aliases.ts";
import { roleOf, takeRole } from "./authors.ts";
import {
  count,
  extrasOf,
  type Fields,
  fieldsOf,
  isSource,
  number,
  type Source,
  text,
  time,
  webUrl,
} from "./fields.ts";
import { WebhookError } from "../webhook_error.ts";
import { createHash } from "node:crypto";
import { idProblem } from "../../../../../../shared/ids.ts";
import { cursorSchema } from "../../../../../../shared/api/tab_fetch.ts";

/**
 * An owner's item; `missingId` names one that has no id of its own. What a form shows (`formKeys`) stands among its
 * fields under the owner's key, even if it was understood as something else too. Throws `source_invalid` for an id that
 * can't be one.
 */
export function normaliseItem(
  source: Source,
  path: string,
  missingId: () => string,
  formKeys: readonly string[] = [],
): Item {
  const fields = fieldsOf(source);
  const id = takeId(fields, ITEM_ID, path) ?? missingId();
  const title = fields.take(ITEM.title, text);
  const preview = fields.take(ITEM.preview, lastMessage);
  return {
    id,
    title,
    preview: preview?.text,
    previewRole: preview && (preview.role ?? fields.take(ITEM.previewRole, roleOf)),
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
function lastMessage(value: unknown): { text: string; role?: AuthorRole } | undefined {
  const entry = isSource(value) ? fieldsOf(value) : undefined;
  const body = entry ? entry.take(ENTRY.body, text) : text(value);
  return body === undefined ? undefined : { text: body, role: entry && takeRole(entry) };
}

/**
 * The id under one of the aliases, or `undefined` if there is none. A number above 2^53−1 has lost digits on
 * its way through JSON, so it is refused like any other value that can't be an id. Throws `source_invalid`.
 */
export function takeId(fields: Fields, aliases: readonly string[], path: string): string | undefined {
  return fields.take(aliases, (value) => requireId(value, path));
}

/**
 * True if the owner's answer itself says that it is the requested item. Under another name than its own an id
 * may be an echo of our request, in an error for example: it counts only beside an entry of the item. Throws
 * `source_invalid`.
 */
export function confirms(
  item: Source,
  itemId: string,
  { besideEntries }: { besideEntries: boolean },
): boolean {
  return takeId(fieldsOf(item), besideEntries ? ITEM_ID : OWN_ID, "item") === itemId;
}

function requireId(value: unknown, path: string): string {
  const integer = number(value);
  if (integer !== undefined && Number.isSafeInteger(integer)) return String(integer);
  if (typeof value !== "string") {
    throw new WebhookError("invalid_shape", `${path}.id must be a string or an integer up to 2^53-1`);
  }
  const problem = idProblem(value);
  if (problem !== null) throw new WebhookError("invalid_shape", `${path}.id ${problem}`);
  return value;
}

/**
 * Hands out ids for the elements of one array that have none: the same content gets the same id in every
 * answer.
 */
export function contentIds(): (content: unknown) => string {
  const seen = new Map<string, number>();
  return (content) => {
    const hash = createHash("sha256").update(JSON.stringify(sorted(content))).digest("hex").slice(0, 32);
    const occurrence = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, occurrence);
    return occurrence === 1 ? `content-${hash}` : `content-${hash}-${occurrence}`;
  };
}

/** The same value with its keys in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isSource(value)) return value;
  return Object.keys(value).sort().map((key) => [key, sorted(value[key])]);
}

/**
 * The owner's cursor of the next page, as it came; `undefined` on the last one. Throws `source_invalid` if it
 * could not be sent back as it came.
 */
export function takeNextCursor(answer: Fields): string | undefined {
  const cursor = answer.take(NEXT_CURSOR, cursorText);
  if (cursor === undefined || cursor === "") return undefined;
  if (!cursorSchema.safeParse(cursor).success) {
    throw new WebhookError(
      "invalid_shape",
      "nextCursor must hold at most 1024 bytes, and no control characters",
    );
  }
  return cursor;
}

function cursorText(value: unknown): string | undefined {
  const position = number(value);
  if (position === undefined) return text(value);
  // JSON has rounded what is larger.
  if (!Number.isSafeInteger(position)) {
    throw new WebhookError("invalid_shape", "nextCursor must be a string or an integer up to 2^53-1");
  }
  return String(position);
}
