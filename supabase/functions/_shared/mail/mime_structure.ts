/** A place in a mail at which a part ends (RFC 2046, 5.1.1). */
export interface Delimiter {
  /** From and until where its line goes. */
  at: number;
  end: number;
  /** Of which of the open boundaries it is. */
  depth: number;
  /** Behind it comes no part of that one any more. */
  isLast: boolean;
}

/** What the headers of a part say of its body. */
export interface PartKind {
  /** In lower case; empty where it can't be read. */
  type: string;
  /** Of a multipart. */
  boundary: string;
  /** In lower case; empty where none is named. */
  disposition: string;
  encoding: string;
}

/** Longer lines are no delimiters (RFC 5322, 2.1.1). */
const MAX_LINE = 1000;

/** The next delimiter of one of these boundaries, the outermost first, from the beginning of a line on; `null`: none. */
export function delimiterFrom(mail: string, from: number, boundaries: string[]): Delimiter | null {
  const names = new Set(boundaries.flatMap((boundary) => [boundary, `${boundary}--`]));
  if (names.size === 0) return null;
  const next = (place: number) => {
    const found = mail.indexOf("\n--", place);
    return found < 0 ? mail.length : found + 1;
  };
  for (let at = mail.startsWith("--", from) ? from : next(from); at < mail.length; at = next(at)) {
    const newline = mail.indexOf("\n", at);
    const end = newline < 0 ? mail.length : newline + 1;
    const name = end - at > MAX_LINE ? "" : mail.slice(at + 2, end).trimEnd();
    if (!names.has(name)) continue;
    const depth = boundaries.findLastIndex((boundary) => name === boundary || name === `${boundary}--`);
    return { at, end, depth, isLast: name !== boundaries[depth] };
  }
  return null;
}

/**
 * The headers that begin here, and where their body does: below an empty line, or at a delimiter, which ends them as well. `null`
 * where they are longer than `most`.
 */
export function headersAt(
  mail: string,
  from: number,
  { boundaries, most }: { boundaries: string[]; most: number },
): { headers: string; bodyAt: number } | null {
  const seen = mail.slice(from, from + most + MAX_LINE);
  const head = seen.slice(0, delimiterFrom(seen, 0, boundaries)?.at);
  const empty = /(?<![^\n])\r*\n/.exec(head);
  const headers = head.slice(0, empty?.index);
  return headers.length > most ? null : { headers, bodyAt: from + headers.length + (empty?.[0].length ?? 0) };
}

/** `standard`: its type where none is named. */
export function kindOf(headers: string, standard: string): PartKind {
  const lines = headers.replace(/(?<!\r)\r*\n(?=[ \t])/g, "").split("\n");
  const valueOf = (name: string) => {
    const line = lines.find((each) => each.slice(0, each.indexOf(":")).trim().toLowerCase() === name);
    return line?.slice(line.indexOf(":") + 1).trim();
  };
  const contentType = valueOf("content-type") ?? standard;
  return {
    type: firstWord(contentType),
    boundary: boundaryIn(contentType),
    disposition: firstWord(valueOf("content-disposition") ?? ""),
    encoding: valueOf("content-transfer-encoding") ?? "",
  };
}

function firstWord(value: string): string {
  return /^(?:\s*\([^()]*\))*\s*([^\s;("]+)/.exec(value)?.[1]?.toLowerCase() ?? "";
}

const BOUNDARY = /[;)]\s*boundary(\*\d+)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^";]*))/gi;

/** A long one may be divided (RFC 2231, 3); of several the first counts. */
function boundaryIn(value: string): string {
  const found = [...value.matchAll(BOUNDARY)].map(([, section, quoted, plain = ""]) => ({
    section,
    text: quoted?.replace(/\\(.)/g, "$1") ?? plain.replace(/[ \t]\(.*/, ""),
  }));
  const whole = found[0]?.section === undefined ? found.slice(0, 1) : found;
  return whole.map(({ text }) => text).join("").trimEnd();
}
