import { introductionIn } from "./quote_introduction.ts";
import { allVisitorWords } from "./visitor_words.ts";

const MAX_READ = 256 * 1024;
const MAX_BODY_BYTES = 60_000;
const MAX_BLANK_LINES = 2;
const MAX_SIGNATURE_LINES = 10;

/**
 * What its author has written, without our mail where they quote it and without a signature. Empty where that is nothing.
 * What may be theirs stays: a quotation that is shown is better than an answer that is lost. Takes time in proportion to the
 * length, whatever is in it.
 */
export function replyText(text: string): string {
  const lines = text.slice(0, MAX_READ).toWellFormed().replaceAll("\0", "").replace(/\r\n?/g, "\n").split(
    "\n",
  );
  return beginning(withoutBlankRuns(answerIn(lines)).map(withoutKeys).join("\n").trim());
}

function answerIn(lines: string[]): string[] {
  const ours = lines.findIndex(isReplyLine);
  if (ours < 0) return withoutSignature(withoutQuoteAtEnd(lines));
  if (isQuote(lines[ours])) {
    const [from, until] = quoteAround(lines, ours);
    const above = withoutSignature(withoutIntroduction(lines.slice(0, from)));
    // What is quoted below is our mail as well; between two pieces of it may be their answers.
    const below = withoutSignature(withoutIntroduction(withoutEnd(lines.slice(until), isQuoteOrBlank)));
    return [...above, "", ...below];
  }
  const above = withoutSignature(withoutIntroduction(lines.slice(0, ours)));
  const rest = lines.slice(ours + 1);
  const end = endOfOurs(rest);
  if (end !== null) return [...above, "", ...withoutSignature(withoutQuoteAtEnd(rest.slice(end)))];
  return above.some((line) => !isBlank(line)) ? above : rest;
}

const isBlank = (line = "") => line.trim() === "";
const isQuote = (line = "") => /^\s*>/.test(line);
const isQuoteOrBlank = (line = "") => isQuote(line) || isBlank(line);

/** The line alone: somebody may write about it. */
function isReplyLine(line: string): boolean {
  return allVisitorWords.some(({ replyLine }) =>
    line.includes(replyLine) && !/[\p{L}\p{N}]/u.test(line.replace(replyLine, ""))
  );
}

/** From and until where the quotation goes that this line is in, empty lines within included. */
function quoteAround(lines: string[], at: number): [number, number] {
  let [from, until] = [at, at + 1];
  for (let look = at - 1; look >= 0 && isQuoteOrBlank(lines[look]); look--) {
    if (isQuote(lines[look])) from = look;
  }
  for (let look = at + 1; look < lines.length && isQuoteOrBlank(lines[look]); look++) {
    if (isQuote(lines[look])) until = look + 1;
  }
  return [from, until];
}

/** How many lines our mail goes on for, where its last line is there; `null` where it is not. */
function endOfOurs(lines: string[]): number | null {
  const last = lines.findIndex((line) => allVisitorWords.some(({ endLine }) => line.includes(endLine)));
  if (last < 0) return null;
  // Its link may stand on lines of its own.
  const isOfLink = (line = "") => /^[<(]?https?:\/\//.test(line) || (line.length > 40 && !/\s/.test(line));
  let end = last + 1;
  while (isOfLink(lines[end])) end++;
  return end;
}

function withoutEnd(lines: string[], isOfEnd: (line?: string) => boolean): string[] {
  let end = lines.length;
  while (end > 0 && isOfEnd(lines[end - 1])) end--;
  return lines.slice(0, end);
}

/** A mail without our line may quote what its author wants to be seen; only what a mail program introduces goes. */
function withoutQuoteAtEnd(lines: string[]): string[] {
  const own = withoutEnd(lines, isQuoteOrBlank);
  const introduction = introductionIn(own);
  return introduction === null || !lines.slice(own.length).some(isQuote) ? lines : own.slice(0, introduction);
}

function withoutIntroduction(lines: string[]): string[] {
  const isRuleOrBlank = (line = "") => /^[>\s_-]*$/.test(line) && line !== "-- ";
  const own = withoutEnd(lines, isRuleOrBlank);
  const introduction = introductionIn(own);
  return introduction === null ? own : withoutEnd(own.slice(0, introduction), isRuleOrBlank);
}

const PHONE_LINE =
  /^\s*(?:Sent from|Sent with|Sent via|Get Outlook for|Gesendet (?:von|mit)|Von meinem|Outlook für|Envoyé (?:de|depuis|avec|à partir)|Télécharger Outlook|Enviado (?:desde|do|a partir)|Obtener Outlook|Inviato (?:da|dal)|Ottieni Outlook|Verzonden (?:vanaf|met)|Verstuurd vanaf|Sendt fra|Skickat från|Wysłan[eo] z|Отправлено (?:с|из)) .*(?:iPhone|iPad|iOS|Android|Galaxy|Samsung|Huawei|Xiaomi|Pixel|Smartphone|Handy|Outlook|Yahoo|Gmail|Proton|BlackBerry|Windows|Thunderbird)/;
const MAX_PHONE_LINE = 120;

/** What stands below the line that says so (RFC 3676, 4.3), and what a phone adds as a paragraph of its own. */
function withoutSignature(lines: string[]): string[] {
  const delimiter = lines.lastIndexOf("-- ");
  const isSignature = delimiter >= 0 && lines.length - delimiter <= MAX_SIGNATURE_LINES + 1;
  const own = withoutEnd(isSignature ? lines.slice(0, delimiter) : lines, isBlank);
  const last = own.at(-1) ?? "";
  const isPhones = last.length <= MAX_PHONE_LINE && isBlank(own.at(-2)) && PHONE_LINE.test(last) &&
    !/[.!?]\s+\S/.test(last);
  return isPhones ? own.slice(0, -1) : own;
}

function withoutBlankRuns(lines: string[]): string[] {
  let blank = 0;
  return lines.filter((line) => {
    blank = isBlank(line) ? blank + 1 : 0;
    return blank <= MAX_BLANK_LINES;
  });
}

/** A line of our mail that stayed gives nobody the address or the link that were made for its author alone. */
function withoutKeys(line: string): string {
  const kept = line.includes("/mail-unsubscribe?")
    ? line.replace(/\S+/g, (word) => word.includes("/mail-unsubscribe?") ? "…" : word)
    : line;
  return kept.replace(/reply\+[a-z2-7]{40,64}@[\w.-]+/gi, "…");
}

/** As much as a message may hold. */
function beginning(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= MAX_BODY_BYTES) return text;
  // What is left of a character at the end is dropped.
  return `${new TextDecoder().decode(bytes.subarray(0, MAX_BODY_BYTES), { stream: true })}…`;
}
