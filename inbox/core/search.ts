import type { Result } from "../../client/http/problem.ts";
import type { FoundMessage, FoundNote, Records } from "./records.ts";
import { isInView, type Row, type View } from "./rows.ts";
import type { Label } from "./team.ts";

/** `is:` names one of the views, or what is unread. */
const STATES: Readonly<Record<string, View>> = {
  open: "open",
  snoozed: "snoozed",
  resolved: "resolved",
  mine: "mine",
  unassigned: "unassigned",
  waiting: "waiting",
  "needs-human": "needs_human",
};
/** Every value that `is:` takes. */
export const IS_VALUES: readonly string[] = [...Object.keys(STATES), "unread"];
const OPERATOR = /(?:^|\s)(from|is|label):(?:"([^"]*)"|(\S*))/gi;
/** A word with a colon in it that is none of the operators, and no address. */
const OTHER_OPERATOR = /(?:^|\s)(?!(?:from|is|label):)(\p{L}+:)(?!\/\/)\S/giu;
/** Rows that stand in the document at most. */
const MOST_SHOWN = 80;

/** What somebody looks for. */
export interface Query {
  /** Without the operators. */
  text: string;
  /** Part of the name or address of who wrote it, folded. */
  from: string[];
  /** What all must hold. */
  views: View[];
  unread: boolean;
  /** Beginnings of labels' names, folded. */
  labels: string[];
}

/** A message or a note that was found. */
export interface FoundEntry {
  kind: "message" | "note";
  /** As addresses name it: a message's id, or `note-` and a note's. */
  id: string;
  text: string;
  at: string;
  /** What its writer is called, where that is known of the message itself. */
  author: string;
  byVisitor: boolean;
  byBot?: boolean;
}

/** A conversation, and what was found in it; `null` if it is the visitor who was. */
export interface Hit {
  row: Row;
  entry: FoundEntry | null;
}

/** Letters that do not come apart into a letter and a mark, and those that have several forms. */
const OTHER_FORMS: Readonly<Record<string, string>> = {
  ø: "o",
  ł: "l",
  đ: "d",
  ı: "i",
  ß: "ss",
  ς: "σ",
  ى: "ي",
  ی: "ي",
  ک: "ك",
  ٱ: "ا",
  ة: "ه",
};
/** Accents, the vowels of Hebrew and Arabic with the stroke that stretches a word, and what is not to be seen. */
const LEFT_OUT =
  /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u00ad\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff\u{e0100}-\u{e01ef}]/gu;

/** A text as the search compares it: without case, accents, vowel signs and width, its digits those of ASCII. */
export function folded(text: string): string {
  return text.normalize("NFKD").replace(LEFT_OUT, "").toLowerCase().normalize("NFC")
    .replace(/[øłđıßςىیکٱة]/g, (letter) => OTHER_FORMS[letter] ?? letter)
    .replace(/(?!\d)\p{Nd}/gu, digitOf);
}

/** Digits stand in tens; whoever has nine others before them is a nine. */
function digitOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const isDigit = (at: number) => /\p{Nd}/u.test(String.fromCodePoint(at));
  let value = 0;
  while (value < 9 && isDigit(code - value - 1)) value++;
  return String(value);
}

/** Reads `from:`, `is:` and `label:`, each with a word or with words in quotes; all else is text. */
export function readQuery(input: string): Query {
  const query: Query = { text: "", from: [], views: [], unread: false, labels: [] };
  const rest = input.replace(OPERATOR, (all, name: string, quoted?: string, plain?: string) => {
    const value = (quoted ?? plain ?? "").toLowerCase();
    const view = STATES[value];
    const operator = name.toLowerCase();
    if (operator === "is" && value === "unread") query.unread = true;
    else if (operator === "is" && view) query.views.push(view);
    // One that is half written hides nothing yet.
    else if (operator === "is") return value === "" || isBeginning(value) ? " " : all;
    else if (value) query[operator === "from" ? "from" : "labels"].push(folded(value));
    return " ";
  });
  query.text = rest.replace(/\s+/g, " ").trim();
  return query;
}

/** The operators of a query, as they stand in it. */
export function operatorsOf(input: string): string[] {
  return [...input.matchAll(OPERATOR)].map(([operator]) => operator.trim());
}

/** What looks like an operator and is none, as it stands in a query: `is:` with something else, or another name. */
export function unknownOperatorsOf(input: string): string[] {
  const wrong = [...input.matchAll(OPERATOR)].filter(([, name = "", quoted, plain]) => {
    const value = (quoted ?? plain ?? "").toLowerCase();
    return name.toLowerCase() === "is" && value !== "" && !IS_VALUES.includes(value);
  });
  return [
    ...wrong.map(([operator]) => operator.trim()),
    ...[...input.matchAll(OTHER_OPERATOR)].map(([, name = ""]) => name),
  ];
}

function isBeginning(value: string): boolean {
  return IS_VALUES.some((state) => state.startsWith(value));
}

export function isEmpty({ text, from, views, unread, labels }: Query): boolean {
  return !text && from.length === 0 && views.length === 0 && !unread && labels.length === 0;
}

export interface Searcher {
  records: Pick<Records, "search" | "list">;
  labels: readonly Label[];
  userId: string;
}

/** Newest first. What the operators leave over is of the newest that the words alone find. */
export async function search(query: Query, searcher: Searcher): Promise<Result<Hit[]>> {
  const found = await find(query, searcher);
  if (!found.ok) return found;
  const hits = found.value.filter((hit) => fitsQuery(query, hit, searcher));
  const at = ({ row, entry }: Hit) => entry?.at ?? row.lastMessageAt;
  hits.sort((first, second) => at(first) < at(second) ? 1 : -1);
  return { ok: true, value: hits.slice(0, MOST_SHOWN) };
}

async function find(query: Query, { records, labels }: Searcher): Promise<Result<Hit[]>> {
  const words = query.text || query.from[0];
  if (words === undefined) {
    const [name] = query.labels;
    const label = labels.find((each) => name !== undefined && isNamed(each, name));
    const labelId = query.views.length === 0 && label ? label.id : null;
    const result = await records.list({ view: query.views[0] ?? "open", labelId });
    if (!result.ok) return result;
    return { ok: true, value: result.value.map((row) => ({ row, entry: null })) };
  }
  const result = await records.search(words);
  if (!result.ok) return result;
  const { messages, notes, rows } = result.value;
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const found = [...messages.map(foundMessage), ...notes.map(foundNote)];
  const hits = found.flatMap(({ conversationId, entry }): Hit[] => {
    const row = rowOf.get(conversationId);
    return row ? [{ row, entry }] : [];
  });
  const holding = new Set(found.map(({ conversationId }) => conversationId));
  const named = rows.filter(({ id }) => !holding.has(id));
  return { ok: true, value: [...hits, ...named.map((row) => ({ row, entry: null }))] };
}

interface Placed {
  conversationId: string;
  entry: FoundEntry;
}

function foundMessage({ conversationId, message }: FoundMessage): Placed {
  const { id, text, createdAt: at, role, meta } = message;
  const author = meta?.author?.name ?? "";
  const by = { byVisitor: role === "USER", ...role === "BOT" && { byBot: true } };
  return { conversationId, entry: { kind: "message", id, text, at, author, ...by } };
}

function foundNote({ conversationId, note }: FoundNote): Placed {
  const { id, text, createdAt: at, author: { name: author = "" } } = note;
  return { conversationId, entry: { kind: "note", id: `note-${id}`, text, at, author, byVisitor: false } };
}

function fitsQuery(query: Query, { row, entry }: Hit, { labels, userId }: Searcher): boolean {
  const visitor = entry && !entry.byVisitor ? "" : `${row.customerName ?? ""} ${row.customerEmail ?? ""}`;
  const wrote = folded(`${visitor} ${entry?.author ?? ""}`);
  const has = labels.filter(({ id }) => row.labels.includes(id));
  return query.from.every((name) => wrote.includes(name)) &&
    query.views.every((view) => isInView(view, row, userId)) &&
    query.labels.every((name) => has.some((label) => isNamed(label, name))) &&
    (!query.unread || row.unread > 0 || row.snoozeEnded);
}

function isNamed({ name }: Label, beginning: string): boolean {
  return folded(name).startsWith(beginning);
}
