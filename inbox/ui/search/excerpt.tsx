import type { ComponentChildren } from "preact";
import { withoutOverrides } from "../../../kit/text/rich_text.tsx";

/** Characters before the first word that was found. */
const BEFORE = 24;

/** The place of a message where the words stand, with the words marked. */
export function excerptOf(text: string, words: string): ComponentChildren {
  const sought = words.split(/\s+/).filter(Boolean).map((word) =>
    word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
  );
  const shown = withoutOverrides(text).replace(/\s+/g, " ");
  if (sought.length === 0) return shown;
  const pattern = new RegExp(`(${sought.join("|")})`, "i");
  const first = pattern.exec(shown)?.index ?? 0;
  const from = first > BEFORE ? shown.lastIndexOf(" ", first - BEFORE) + 1 : 0;
  const excerpt = `${from > 0 ? "…" : ""}${shown.slice(from)}`;
  return excerpt.split(new RegExp(pattern, "gi")).map((part, index) =>
    index % 2 === 1 ? <mark key={index}>{part}</mark> : part
  );
}
