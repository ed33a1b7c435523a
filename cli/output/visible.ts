/**
 * A text that a terminal shows and does not obey: names and reasons come from elsewhere, and may hold escape sequences or
 * turn the direction of what follows.
 */
export function visible(text: string): string {
  return text.replace(/(?!\n)[\p{Cc}\p{Bidi_Control}]/gu, "\u{FFFD}");
}

/** The same on one line. */
export function oneLine(text: string): string {
  return visible(text.replaceAll("\n", " "));
}
