export type Source = Record<string, unknown>;

/** Reads an object by aliases, and remembers which of its fields were understood. */
export interface Fields {
  /** The first alias that is present and that `read` makes something of. */
  take<Value>(aliases: readonly string[], read: (value: unknown) => Value | undefined): Value | undefined;
  /** What was not taken, untouched. */
  rest(): Source;
}

export function isSource(value: unknown): value is Source {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf(source: Source): Fields {
  const keys = new Map<string, string>();
  for (const [key, value] of Object.entries(source)) {
    const name = canonical(key);
    if (value !== null && value !== undefined && !keys.has(name)) keys.set(name, key);
  }
  const taken = new Set<string>();

  function take<Value>(aliases: readonly string[], read: (value: unknown) => Value | undefined) {
    for (const alias of aliases) {
      const key = keys.get(canonical(alias));
      if (key === undefined || taken.has(key)) continue;
      const value = read(source[key]);
      if (value === undefined) continue;
      taken.add(key);
      return value;
    }
    return undefined;
  }

  function rest(): Source {
    return Object.fromEntries(Object.entries(source).filter(([key]) => !taken.has(key)));
  }

  return { take, rest };
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

/** Every value under one of these names: an object may hold several spellings of a name. */
export function valuesUnder(source: Source, aliases: readonly string[]): unknown[] {
  const names = new Set(aliases.map(canonical));
  return Object.keys(source).filter((key) => names.has(canonical(key))).map((key) => source[key]);
}

/** `unread_count`, `unreadCount` and `UnreadCount` are one name; `_id` is not `id`. */
function canonical(key: string): string {
  return key.replace(/(?<=[^_])_+(?=[^_])/g, "").toLowerCase();
}

/** Each reader returns `undefined` for a value that it can make nothing of. */

export function text(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" && Number.isFinite(value) ? String(value) : undefined;
}

/** An id of somebody or something beside the answer itself; not a number that JSON has rounded. */
export function idText(value: unknown): string | undefined {
  return typeof value === "number" && !Number.isSafeInteger(value) ? undefined : text(value);
}

/** Zero or more: a count. `true` counts as one. */
export function count(value: unknown): number | undefined {
  if (typeof value === "boolean") return Number(value);
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) return undefined;
  return Math.min(Math.max(0, Math.floor(number)), Number.MAX_SAFE_INTEGER);
}

/** An absolute http(s) URL: a page will put it into `src` or `href`. */
export function webUrl(value: unknown): string | undefined {
  if (typeof value !== "string" || !URL.canParse(value)) return undefined;
  return /^https?:$/.test(new URL(value).protocol) ? value : undefined;
}

export function list(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

export function object(value: unknown): Source | undefined {
  return isSource(value) ? value : undefined;
}

/** Numbers below are seconds, others milliseconds: the year 5138 against 1973. */
const FIRST_MILLISECONDS = 1e11;
const LAST_MILLISECONDS = Date.UTC(9999, 11, 31);
const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * Seconds, milliseconds or ISO 8601 as ISO 8601 in UTC; a time without a zone is UTC. `undefined` for
 * anything else.
 */
export function time(value: unknown): string | undefined {
  const milliseconds = typeof value === "number" ? ofNumber(value) : ofText(value);
  if (milliseconds === undefined || !(milliseconds > 0 && milliseconds <= LAST_MILLISECONDS)) {
    return undefined;
  }
  return new Date(milliseconds).toISOString();
}

function ofNumber(value: number): number {
  return Math.abs(value) < FIRST_MILLISECONDS ? Math.round(value * 1000) : Math.round(value);
}

function ofText(value: unknown): number | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) return ofNumber(Number(text));
  const [, day, clock, zone] = ISO.exec(text) ?? [];
  if (day === undefined) return undefined;
  return Date.parse(`${day}T${(clock ?? "00:00").replace(",", ".")}${completeZone(zone)}`);
}

/** `+02` and `+0200`, as Postgres and PHP write them, become `+02:00`. */
function completeZone(zone = "Z"): string {
  const [, hours, minutes] = /^([+-]\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  return hours === undefined ? "Z" : `${hours}:${minutes ?? "00"}`;
}
