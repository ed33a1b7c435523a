import type { ComponentChildren } from "preact";
import { withoutOverrides } from "../../../kit/text/rich_text.tsx";
import { folded } from "../../core/search.ts";

/** Characters before the first word that was found. */
const BEFORE = 24;

/** What is compared, and for each of its places the place in the text that it comes from. */
function comparable(text: string): { compared: string; places: number[] } {
  const places: number[] = [];
  let compared = "";
  let place = 0;
  for (const character of text) {
    const plain = folded(character);
    for (let n = 0; n < plain.length; n++) places.push(place);
    compared += plain;
    place += character.length;
  }
  return { compared, places: [...places, place] };
}

/** The place of a message where the words stand, with the words marked. */
export function excerptOf(text: string, words: string): ComponentChildren {
  const shown = withoutOverrides(text).normalize("NFC").replace(/\s+/g, " ");
  const sought = folded(words).split(/\s+/).filter(Boolean);
  if (sought.length === 0) return shown;
  const { compared, places } = comparable(shown);
  const pattern = new RegExp(
    sought.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"),
    "g",
  );
  const found = [...compared.matchAll(pattern)];
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
