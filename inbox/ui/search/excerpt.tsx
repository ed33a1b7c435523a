import type { ComponentChildren } from "preact";
import { withoutOverrides } from "../../../kit/text/rich_text.tsx";

/** Characters before the first word that was found. */
const BEFORE = 24;
/** Letters that do not come apart into a letter and a mark, and one that has two forms. */
const OTHER_FORMS: Readonly<Record<string, string>> = { ø: "o", ł: "l", đ: "d", ı: "i", ß: "ss", ς: "σ" };

/** A character as the search compares it: without case, accents and width. */
function folded(character: string): string {
  const plain = character.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().normalize("NFC");
  return OTHER_FORMS[plain] ?? plain;
}

/** What is compared, and for each of its places the place in the text that it comes from. */
function comparable(text: string): { folded: string; places: number[] } {
  const places: number[] = [];
  let all = "";
  let place = 0;
  for (const character of text) {
    const plain = folded(character);
    for (let n = 0; n < plain.length; n++) places.push(place);
    all += plain;
    place += character.length;
  }
  return { folded: all, places: [...places, place] };
}

/** The place of a message where the words stand, with the words marked. */
export function excerptOf(text: string, words: string): ComponentChildren {
  const shown = withoutOverrides(text).normalize("NFC").replace(/\s+/g, " ");
  const sought = comparable(words.normalize("NFC")).folded.split(/\s+/).filter(Boolean);
  if (sought.length === 0) return shown;
  const { folded, places } = comparable(shown);
  const pattern = new RegExp(
    sought.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"),
    "g",
  );
  const found = [...folded.matchAll(pattern)];
  const before = places[Math.max((found[0]?.index ?? 0) - BEFORE, 0)] ?? 0;
  const word = shown.lastIndexOf(" ", before) + 1;
  const start = word > 0 && before - word < BEFORE ? word : before;
  const parts: ComponentChildren[] = [start > 0 ? "…" : ""];
  let done = start;
  for (const { index, 0: word } of found) {
    const [from, to] = [places[index] ?? 0, places[index + word.length] ?? shown.length];
    parts.push(shown.slice(done, from), <mark key={from}>{shown.slice(from, to)}</mark>);
    done = to;
  }
  return [...parts, shown.slice(done)];
}
