import { allVisitorWords } from "./visitor_words.ts";

/** What mail programs put before the subject of an answer: `Re:`, `AW:`, `Re[2]:`, `回复：`, `RE :`; servers mark it. */
const PREFIX = /^\s*(?:\[[^\]]{1,40}\]\s*|\p{L}{1,8}(?:\[\d{1,3}\])?\s?[:：]\s*)/u;
const MARK = /\s*\[[\p{L} -]{1,40}\]$/u;
const MAX_READ = 1000;
/** The subject of a mail to a visitor, with the number that older ones had. */
const OURS = new RegExp(
  `(?<!\\p{L})(?:${
    allVisitorWords.flatMap(({ answered, written }) => [answered, written]).join("|")
  })(?:: \\d+ new messages)?$`,
  "u",
);
const PREFIX_WITHIN = /[\s.!?](?:re|aw|sv|fwd?|antw|res|rif|rv|tr|r)\s?[:：]/i;

/**
 * What a person has written in a subject; empty where it is that of our mail which they answer. Mails to the team have many:
 * whatever answers one is taken as theirs.
 */
export function subjectText(subject: string, audience: "visitor" | "team"): string {
  const text = subject.slice(0, MAX_READ).toWellFormed().replaceAll("\0", "").trim();
  let rest = text.replace(MARK, "");
  for (let last = ""; last !== rest;) [last, rest] = [rest, rest.replace(PREFIX, "").trim()];
  // Their words may stand before ours: "Yes, please. Re: Fern has answered you".
  const isOurs = audience === "team" ? rest !== text : OURS.test(rest) && !PREFIX_WITHIN.test(rest);
  return rest === "" || isOurs ? "" : text;
}
