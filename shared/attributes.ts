/** What a site says of a visitor beyond name and address. */
export type Attributes = Record<string, string | number | boolean>;

export const MAX_ATTRIBUTES = 20;
export const MAX_ATTRIBUTE_NAME = 40;
export const MAX_ATTRIBUTE_TEXT = 200;
/** Of JSON in UTF-8: they travel in every call of a session. */
const MAX_BYTES = 1024;
/** Nearer to zero Postgres would write up to three hundred digits; from 2^53 on a double has not all of an integer's. */
const NUMBERS = { least: 1e-20, below: 2 ** 53 };
const CONTROL_CHARACTER = /\p{Cc}/u;

/**
 * As much of a token's claim as is kept: texts, numbers and booleans by name, the first twenty. What is too long, nested or null is
 * left out, and numbers that would be kept as others, or with hundreds of digits. `undefined` for what is no object: then nothing is said.
 */
export function keptAttributes(claim: unknown): Attributes | undefined {
  if (typeof claim !== "object" || claim === null || Array.isArray(claim)) return undefined;
  const kept: [string, Attributes[string]][] = [];
  for (const [name, value] of Object.entries(claim)) {
    if (kept.length === MAX_ATTRIBUTES) break;
    if (!isText(name, MAX_ATTRIBUTE_NAME) || name === "" || !isValue(value)) continue;
    if (bytesOf([...kept, [name, value]]) <= MAX_BYTES) kept.push([name, value]);
  }
  return Object.fromEntries(kept);
}

function isValue(value: unknown): value is Attributes[string] {
  return typeof value === "boolean" || (typeof value === "number" && isShort(Math.abs(value))) ||
    (typeof value === "string" && isText(value, MAX_ATTRIBUTE_TEXT));
}

/** Whether JSON has lost no digits of an integer. */
export function isExact(number: number): boolean {
  return Math.abs(number) < NUMBERS.below;
}

function isShort(size: number): boolean {
  return size === 0 || (size >= NUMBERS.least && size < NUMBERS.below);
}

function isText(text: string, most: number): boolean {
  return text.length <= most && text.isWellFormed() && !CONTROL_CHARACTER.test(text);
}

function bytesOf(entries: [string, unknown][]): number {
  return new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries))).length;
}
