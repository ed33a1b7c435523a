import type { ComponentChildren } from "preact";
import { withoutOverrides } from "../../../kit/text/rich_text.tsx";
import { folded } from "../../core/search.ts";

/** Characters before the first word that was found. */
const BEFORE = 24;

interface Comparable {
  compared: string;
  /** For each of its places where the character begins, and ends, that it comes from. */
  begins: number[];
  ends: number[];
}

/** By characters as readers see them: their marks fold with them, and none is cut. */
function comparable(text: string): Comparable {
  const result: Comparable = { compared: "", begins: [], ends: [] };
  for (const { segment, index } of new Intl.Segmenter().segment(text)) {
    const plain = folded(segment);
    for (let n = 0; n < plain.length; n++) {
      result.begins.push(index);
      result.ends.push(index + segment.length);
    }
    result.compared += plain;
  }
  return result;
}

/** The place of a message where the words stand, with the words marked. */
export function excerptOf(text: string, words: string): ComponentChildren {
  const shown = withoutOverrides(text).normalize("NFC").replace(/\s+/g, " ");
  const sought = folded(words).split(/\s+/).filter(Boolean);
  if (sought.length === 0) return shown;
  const { compared, begins, ends } = comparable(shown);
  const pattern = new RegExp(
    sought.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"),
    "g",
  );
  const found = [...compared.matchAll(pattern)];
  if (found.length === 0) return shown;
  const before = begins[Math.max((found[0]?.index ?? 0) - BEFORE, 0)] ?? 0;
  const word = shown.lastIndexOf(" ", before) + 1;
  const start = word > 0 && before - word < BEFORE ? word : before;
  const begin = begins[found[0]?.index ?? 0] ?? 0;
  const parts: ComponentChildren[] = [];
  let done = begin;
  for (const { index, 0: word } of found) {
    const from = Math.max(begins[index] ?? 0, done);
    const to = ends[index + word.length - 1] ?? shown.length;
    if (to <= from) continue;
    parts.push(shown.slice(done, from), <mark key={from}>{shown.slice(from, to)}</mark>);
    done = to;
  }
  const [first, ...others] = parts.slice(1);
  // Where a row is narrow, what stands before the word gives way first.
  return (
    <>
      <span class="found-before">
        <span>{start > 0 ? "…" : ""}{shown.slice(start, begin)}</span>
      </span>
      <span class="found-word">{first}</span>
      <span class="found-rest">{others}{shown.slice(done)}</span>
    </>
  );
}
