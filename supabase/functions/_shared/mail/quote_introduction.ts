/** Longer is no introduction. */
const MAX_LENGTH = 500;
const MAX_FOLDED = 3;
const MAX_HEADERS = 8;

const FROM =
  /^[>\s*]*(?:From|Von|De|Da|Van|Fra|Från|Od|Kimden|Feladó|Lähettäjä|От|Від|Από|发件人|寄件者|差出人|보낸 사람)\s?\*?\s?[:：]/iu;
const HEADER = /^[>\s*]*\p{L}[\p{L} -]{0,24}\*?\s?[:：]\*?\s*\S/u;
const HEADING = /^\s*(?:[_-]{10,}|-{2,} ?[\p{L}' ]{3,40} ?-{2,})\s*$/u;
const ADDRESS = /[<[(](?:mailto:)?[^\s<>[\]()]+@[^\s<>[\]()]+[>\])]/;
const BEGIN =
  /^[\s*-]*(?:\d|在|(?:On|Am|Le|El|Il|Em|Op|Den|Dne|Dňa|Dnia|W dniu|Pe|Ma|Ti|Ke|To|La|Su|Dana|В|Пн|Вт|Ср|Чт|Пт|Сб|Вс)[\s.,])/iu;
const VERB =
  /wrote|schrieb|écrit|escribió|scritto|escreveu|schreef|skrev|kirjoitti|napisał|pisze|napsal|napísal|írta|yazdı|написал|пишет|пише|写道|寫道|작성|書きました|のメッセージ|έγραψε|כתב|כתבה|كتب|كتابة|نوشت|เขียนว่า|đã viết|menulis|ने लिखा|a scris|napisao|napisala|rašė|rakstīja|kirjutas|isinulat/iu;
const WHEN = /\p{Nd}{1,2}[:.h]\p{Nd}{2}|\b20\d{2}\b/u;
/** Marks of the direction of reading, which programs put around names and addresses (UAX 9). */
const DIRECTIONS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * At which line it begins that these lines end with what mail programs put above a quotation: whose it is, in a sentence that
 * ends in a colon, or in the headers of that mail. `null` where they do not end so for sure.
 */
export function introductionIn(lines: string[]): number | null {
  return headersFrom(lines) ?? sentenceFrom(lines);
}

/** Whoever fills in fields ("Size: XL") writes lines like headers: these begin with an author's address, or below a line. */
function headersFrom(lines: string[]): number | null {
  let first = lines.length;
  while (lines.length - first < MAX_HEADERS && HEADER.test(shortLine(lines, first - 1))) first--;
  for (let at = first; at <= lines.length - 3; at++) {
    const line = shortLine(lines, at);
    if (!FROM.test(line)) continue;
    const above = (lines[at - 1] ?? "").trim() === "" ? at - 2 : at - 1;
    const isHeaded = HEADING.test(shortLine(lines, above));
    if (ADDRESS.test(line) || isHeaded) return isHeaded ? above : at;
  }
  return null;
}

/**
 * A folded one begins and ends as one, so that no sentence above it goes with it; in whatever language, it is a paragraph with an
 * address and a time.
 */
function sentenceFrom(lines: string[]): number | null {
  for (let count = 1; count <= Math.min(MAX_FOLDED, lines.length); count++) {
    const at = lines.length - count;
    const sentence = unfolded(lines.slice(at));
    if ((lines[at] ?? "").trim() === "" || sentence.length > MAX_LENGTH || !/[:：]$/.test(sentence)) break;
    const [isAddressed, isTimed] = [ADDRESS.test(sentence), WHEN.test(sentence)];
    if (BEGIN.test(sentence) && VERB.test(sentence) && (count === 1 || isAddressed || isTimed)) return at;
    if (isAddressed && isTimed && (lines[at - 1] ?? "").trim() === "") return at;
  }
  const last = unfolded([shortLine(lines, lines.length - 1)]);
  const isOne = /[:：]$/.test(last) && (ADDRESS.test(last) || (VERB.test(last) && WHEN.test(last)));
  return isOne ? lines.length - 1 : null;
}

function unfolded(lines: string[]): string {
  return lines.join(" ").replace(DIRECTIONS, "").replace(/([<(]) /g, "$1").trim();
}

function shortLine(lines: string[], at: number): string {
  const line = lines[at] ?? "";
  return line.length > MAX_LENGTH ? "" : line;
}
