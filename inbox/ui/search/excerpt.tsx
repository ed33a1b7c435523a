import type { ComponentChildren } from "preact";
import { withoutOverrides } from "../../../kit/text/rich_text.tsx";

/** Characters before the first word that was found. */
const BEFORE = 24;

const LETTERS = "aceghijklnorstuwyz";
/** Letters with their accents, by the letter without. These four do not come apart into a letter and a mark. */
const ACCENTED = new Map([["o", "ø"], ["l", "ł"], ["d", "đ"], ["i", "ı"]]);
for (let code = 0xc0; code < 0x250; code++) {
  const letter = String.fromCharCode(code).toLowerCase();
  const [base = ""] = letter.normalize("NFD");
  const accented = ACCENTED.get(base) ?? "";
  if (LETTERS.includes(base) && !accented.includes(letter)) ACCENTED.set(base, accented + letter);
}

/** The word as a pattern that finds it with and without accents, as the search does. */
function patternOf(word: string): string {
  const letters = [...word.normalize("NFD").replace(/[\u0300-\u036f]/g, "").normalize("NFC")];
  return letters.map((letter) => {
    const accented = ACCENTED.get(letter.toLowerCase());
    return accented ? `[${letter}${accented}]` : letter.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  }).join("");
}

/** The place of a message where the words stand, with the words marked. */
export function excerptOf(text: string, words: string): ComponentChildren {
  const sought = words.split(/\s+/).filter(Boolean).map(patternOf);
  const shown = withoutOverrides(text).normalize("NFC").replace(/\s+/g, " ");
  if (sought.length === 0) return shown;
  const pattern = new RegExp(`(${sought.join("|")})`, "i");
  const first = pattern.exec(shown)?.index ?? 0;
  const from = first > BEFORE ? shown.lastIndexOf(" ", first - BEFORE) + 1 : 0;
  const excerpt = `${from > 0 ? "…" : ""}${shown.slice(from)}`;
  return excerpt.split(new RegExp(pattern, "gi")).map((part, index) =>
    index % 2 === 1 ? <mark key={index}>{part}</mark> : part
  );
}
