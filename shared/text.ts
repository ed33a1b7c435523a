/**
 * Text that every program on the way can read. Half of a surrogate pair is no character: Postgres and many JSON parsers
 * refuse a whole text for it, and NUL is one that Postgres keeps nowhere.
 */

/** An escaped backslash counts as one, so that what follows it is not read as an escape. */
const ESCAPED_HALF = /\\(?:\\|u(d[89a-f][0-9a-f]{2}))/g;

/** Whether every program on the way can read a text. */
export function isReadable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}

/** JSON as `JSON.stringify` wrote it, which escapes halves of surrogate pairs, with U+FFFD for each, in keys too. */
export function wellFormedJson(json: string): string {
  return json.replace(ESCAPED_HALF, (escape, half?: string) => half === undefined ? escape : "\ufffd");
}

/** Where parsed JSON holds NUL, `[]` for the value itself; a key that does counts for its object. `null` if nowhere. */
export function pathOfNul(value: unknown): string[] | null {
  if (typeof value === "string") return value.includes("\0") ? [] : null;
  if (typeof value !== "object" || value === null) return null;
  if (Object.keys(value).some((key) => key.includes("\0"))) return [];
  for (const [key, inner] of Object.entries(value)) {
    const path = pathOfNul(inner);
    if (path !== null) return [key.toWellFormed(), ...path];
  }
  return null;
}

/**
 * At most `units` UTF-16 units from the text's beginning, well-formed. It ends between two characters as a reader sees
 * them, unless the first alone is longer.
 */
export function beginningOf(text: string, units: number): string {
  if (text.length <= units) return text.toWellFormed();
  const cut = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text).containing(units);
  return text.slice(0, cut?.index || units).toWellFormed();
}

/**
 * A sign that shows: no space, control or default-ignorable code point (UAX 44), no Braille blank, no mark of
 * interlinear annotation.
 */
const VISIBLE = /[^\s\p{Cc}\p{DI}\u2800\ufff9-\ufffb]/u;

/** True for a text in which nothing can be seen. */
export function isBlank(text: string): boolean {
  return !VISIBLE.test(text);
}
