import { en, type LoadStrings, type Strings } from "../strings/en.ts";
import { englishFormats } from "./english_formats.ts";
import type { Formats } from "./format.ts";

/** All that is written and read in one language. */
export interface Language {
  /** BCP 47. */
  locale: string;
  direction: "ltr" | "rtl";
  strings: Strings;
  formats: Formats;
}

export const ENGLISH: Language = {
  locale: "en",
  direction: "ltr",
  strings: en,
  formats: englishFormats,
};

/** None, or English without a region, or with the one whose habits it has; as content systems and servers write it, too. */
const PLAIN_ENGLISH = /^(en([-_]US)?)?([.@]|$)/i;

/**
 * The language of the first of the candidates that Intl knows. English is there at once; anything else is loaded, and is
 * English if that fails.
 */
export function languageOf(
  loadStrings: LoadStrings,
  ...candidates: (string | undefined)[]
): Language | Promise<Language> {
  if (PLAIN_ENGLISH.test(candidates.find(Boolean) ?? "")) return ENGLISH;
  return import("./other_languages.ts").then((module) => module.loadLanguage(candidates, loadStrings)).catch(
    () => ENGLISH,
  );
}
