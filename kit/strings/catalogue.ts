import { tagOf } from "./locale.ts";
import type { detailWords } from "./detail.ts";
import type { en, Strings } from "./en.ts";
import type { growingWords } from "./growing.ts";
import type { keptWords } from "./kept.ts";

/** Words of what is loaded after the panel, or was there before it: in English each stands with its code. */
export interface LaterStrings {
  /** The launcher's name, and what it says where nothing opens. */
  launcher: { open: string; notLoaded: string };
  kept: typeof keptWords;
  growing: typeof growingWords;
  detail: typeof detailWords;
  /** Below the beginning of a long text. */
  showAll: string;
  /** To whoever drops a file on the panel. */
  noFiles: string;
}

/** All words of a language but English. */
export type Catalogue = typeof en & LaterStrings;

/** Catalogues beside English, by language, each in a chunk of its own. */
const others: Readonly<Record<string, () => Promise<{ strings: Catalogue }>>> = {
  de: () => import("./de.ts"),
  es: () => import("./es.ts"),
  fr: () => import("./fr.ts"),
  it: () => import("./it.ts"),
  nl: () => import("./nl.ts"),
  pt: () => import("./pt.ts"),
};

/** Strings of the language of a locale as pages write it; `undefined` where they are English, or can't be loaded. */
export async function loadStrings(locale = ""): Promise<Strings | undefined> {
  try {
    return (await others[new Intl.Locale(tagOf(locale)).language]?.())?.strings;
  } catch {
    // No language tag, or not loaded: English words are there.
  }
}
