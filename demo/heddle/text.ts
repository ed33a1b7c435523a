/** A visitor's text without the one character that Postgres can't keep. */
export function storable(text: string): string {
  return text.replaceAll("\0", "");
}
