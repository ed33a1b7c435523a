import { en, type Strings } from "./en.ts";

/** Catalogues beside English, by language, each in a chunk of its own. */
const others: Readonly<Record<string, () => Promise<Strings>>> = {};

/** Strings for a BCP 47 locale: its language's catalogue, or English. */
export async function loadStrings(locale: string): Promise<Strings> {
  const load = others[locale.split("-")[0] ?? ""];
  return load ? await load() : en;
}
