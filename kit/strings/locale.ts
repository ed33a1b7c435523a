const RIGHT_TO_LEFT = new Set(["ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"]);
const DEFAULT_LOCALE = "en";

/** The first of the candidates that Intl knows. */
export function pickLocale(...candidates: (string | undefined)[]): string {
  for (const candidate of candidates) {
    const tag = candidate && tagOf(candidate);
    if (tag && isKnown(tag)) return tag;
  }
  return DEFAULT_LOCALE;
}

/** A locale as a language tag: content systems write `pt_BR`, servers `de_AT.UTF-8`, some browsers `en-US@posix`. */
export function tagOf(locale: string): string {
  return locale.trim().replace(/[.@].*/, "").replaceAll("_", "-");
}

export function directionOf(locale: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(new Intl.Locale(locale).language) ? "rtl" : "ltr";
}

function isKnown(locale: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(locale).length > 0;
  } catch {
    // Not a well-formed BCP 47 tag.
    return false;
  }
}
