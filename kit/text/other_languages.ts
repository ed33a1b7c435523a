import { en, type LoadStrings } from "../strings/en.ts";
import { directionOf, pickLocale } from "../strings/locale.ts";
import { createFormats } from "./intl_formats.ts";
import type { Language } from "./language.ts";

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

/**
 * The first use of Intl makes the browser read its data of all languages, which holds a phone up for 50 to 115 ms and
 * can't be interrupted. Collation reads a part of them, so that there are two tasks, and none of them draws.
 */
async function readAllLanguages(): Promise<void> {
  await nextTask();
  Intl.Collator.supportedLocalesOf("en");
  await nextTask();
  Intl.DateTimeFormat.supportedLocalesOf("en");
  await nextTask();
}

/** The language of the first of the candidates that Intl knows. */
export async function loadLanguage(
  candidates: readonly (string | undefined)[],
  loadStrings: LoadStrings,
): Promise<Language> {
  await readAllLanguages();
  const locale = pickLocale(...candidates);
  return {
    locale,
    direction: directionOf(locale),
    strings: await loadStrings(locale) ?? en,
    formats: createFormats(locale),
  };
}
