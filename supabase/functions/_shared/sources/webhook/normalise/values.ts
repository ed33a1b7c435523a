import { isSource, type Source } from "./fields.ts";

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
