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
