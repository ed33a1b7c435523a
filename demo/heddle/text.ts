/** Somebody's text as Postgres can keep it: without NUL, and with U+FFFD for half of a character. */
export function storable(text: string): string {
  return text.replaceAll("\0", "").toWellFormed();
}
