import { epochTime, isoTime } from "../../../../../../shared/times.ts";
import { WrittenNumber } from "../../../http/written_numbers.ts";

export type Source = Record<string, unknown>;

/** Reads an object by aliases, and remembers which of its fields were understood. */
export interface Fields {
  /** The first alias that is present and that `read` makes something of. */
  take<Value>(aliases: readonly string[], read: (value: unknown) => Value | undefined): Value | undefined;
  /** What was not taken, untouched. */
  rest(): Source;
}

export function isSource(value: unknown): value is Source {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof WrittenNumber);
}

export function fieldsOf(source: Source): Fields {
  const keys = keysOf(source);
  const taken = new Set<string>();

  function take<Value>(aliases: readonly string[], read: (value: unknown) => Value | undefined) {
    for (const alias of aliases) {
      const key = spellings(keys, alias).find((key) => source[key] !== null && source[key] !== undefined);
      if (key === undefined || taken.has(key)) continue;
      const value = read(source[key]);
      if (value === undefined) continue;
      taken.add(key);
      return value;
    }
    return undefined;
  }

  function rest(): Source {
    if (taken.size === 0) return source;
    const rest: Source = {};
    for (const key of Object.keys(source)) {
      if (taken.has(key)) continue;
      // An assignment would set the prototype.
      if (key !== "__proto__") rest[key] = source[key];
      else Object.defineProperty(rest, key, { value: source[key], enumerable: true });
    }
    return rest;
  }

  return { take, rest };
}

/** The keys of an object by their canonical names; most names are spelt in one way. */
type Keys = ReadonlyMap<string, string | string[]>;

/** So many keys are read again as fast as they are found again. */
const FEW = 16;
/** An owner's object is read several times. */
const knownKeys = new WeakMap<Source, Keys>();

function keysOf(source: Source): Keys {
  const known = knownKeys.get(source);
  if (known !== undefined) return known;
  const keys = new Map<string, string | string[]>();
  for (const key of Object.keys(source)) {
    const name = canonical(key);
    const others = keys.get(name);
    if (others === undefined) keys.set(name, key);
    else if (typeof others === "string") keys.set(name, [others, key]);
    else others.push(key);
  }
  if (keys.size > FEW) knownKeys.set(source, keys);
  return keys;
}

/** The keys that stand for one of our own names. */
function spellings(keys: Keys, alias: string): readonly string[] {
  const found = keys.get(canonicalAlias(alias));
  if (found === undefined) return [];
  return typeof found === "string" ? [found] : found;
}

/** What `fieldsOf(source).take` returns, in half the time for a small object of which nothing else is read. */
export function peek<Value>(
  source: Source,
  aliases: readonly string[],
  read: (value: unknown) => Value | undefined,
): Value | undefined {
  const keys = Object.keys(source).filter((key) => source[key] !== null);
  for (const alias of aliases) {
    const name = canonicalAlias(alias);
    const key = keys.find((key) => canonical(key) === name);
    const value = key === undefined ? undefined : read(source[key]);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Every value under one of these names: an object may hold several spellings of a name. */
export function valuesUnder(source: Source, aliases: readonly string[]): unknown[] {
  const keys = keysOf(source);
  return aliases.flatMap((alias) => spellings(keys, alias)).map((key) => source[key]);
}

/**
 * What a shape does not know of, for its `fields`; the content of an owner's own `fields` object stands among
 * it.
 */
export function extrasOf(fields: Fields): Source {
  const rest = fields.rest();
  if (!isSource(rest.fields)) return rest;
  const { fields: inner, ...beside } = rest;
  return { ...beside, ...inner };
}

/** `unread_count`, `unreadCount` and `UnreadCount` are one name; `_id` is not `id`. */
function canonical(key: string): string {
  const joined = key.includes("_") ? key.replace(/(?<=[^_])_+(?=[^_])/g, "") : key;
  return joined.toLowerCase();
}

const canonicalAliases = new Map<string, string>();

/** The same for one of our own names, of which there are few. */
function canonicalAlias(alias: string): string {
  const known = canonicalAliases.get(alias);
  if (known !== undefined) return known;
  const name = canonical(alias);
  canonicalAliases.set(alias, name);
  return name;
}

/** What no-code tools put around a row: n8n's `json`, with its own data beside it. */
const BOX = "json";
const BESIDE_BOX = ["binary", "pairedItem", "error", "index", "metadata"];

/** The row itself, without the box that a no-code tool has put around it. */
export function unboxed(value: unknown): unknown {
  if (!isSource(value)) return value;
  const inner = value[BOX];
  if (!isSource(inner) && !Array.isArray(inner)) return value;
  return Object.keys(value).every((key) => key === BOX || BESIDE_BOX.includes(key)) ? inner : value;
}

/** No-code tools write an empty result as one empty object. */
export function withoutEmpty(values: readonly unknown[]): unknown[] {
  return values.filter((value) => !(isSource(value) && Object.keys(value).length === 0));
}

/** Each reader returns `undefined` for a value that it can make nothing of. */

export function text(value: unknown): string | undefined {
  if (value instanceof WrittenNumber) return value.text;
  if (typeof value === "string") return value;
  return typeof value === "number" && Number.isFinite(value) ? String(value) : undefined;
}

/** A JSON number, as near as a double can be to it. */
export function number(value: unknown): number | undefined {
  if (value instanceof WrittenNumber) return value.valueOf();
  return typeof value === "number" ? value : undefined;
}

/** An id of somebody or something beside the answer itself; not a number that JSON has rounded. */
export function idText(value: unknown): string | undefined {
  const id = number(value);
  if (id === undefined) return text(value);
  return Number.isSafeInteger(id) ? String(id) : undefined;
}

/** Zero or more: a count. `true` counts as one. */
export function count(value: unknown): number | undefined {
  if (typeof value === "boolean") return Number(value);
  const amount = typeof value === "string" && value.trim() !== "" ? Number(value) : number(value);
  if (amount === undefined || !Number.isFinite(amount)) return undefined;
  return Math.min(Math.max(0, Math.floor(amount)), Number.MAX_SAFE_INTEGER);
}

/** An absolute http(s) URL: a page will put it into `src` or `href`. */
export function webUrl(value: unknown): string | undefined {
  if (typeof value !== "string" || !/^\s*https?:/i.test(value)) return undefined;
  return URL.canParse(value) ? value : undefined;
}

export function list(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

export function object(value: unknown): Source | undefined {
  return isSource(value) ? value : undefined;
}

const LAST_TIME = Date.UTC(9999, 11, 31);

/**
 * ISO 8601, or the seconds or milliseconds of an epoch, as `isoTime` and `epochTime` write them. `undefined` for
 * anything else: a number that can't be a moment, a day that no calendar has, or what lies before 1970, such as
 * a database's zero.
 */
export function time(value: unknown): string | undefined {
  const seconds = number(value);
  if (seconds !== undefined) return epochTime(seconds);
  if (typeof value !== "string") return undefined;
  const written = value.trim();
  const read = isoTime(written);
  if (read === undefined) return /^\d+(?:\.\d+)?$/.test(written) ? epochTime(Number(written)) : undefined;
  const milliseconds = Date.parse(read);
  return milliseconds > 0 && milliseconds <= LAST_TIME ? read : undefined;
}
