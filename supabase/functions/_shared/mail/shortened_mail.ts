import { Buffer } from "node:buffer";
import { delimiterFrom, headersAt, kindOf, type PartKind } from "./mime_structure.ts";
import { base64Encoded, decodedBody, isEncoded } from "./transfer_encoding.ts";

/** Four bytes for each of the 256 Ki characters that are read of a mail. */
const MAX_DECODED = 1024 * 1024;
/** In quoted-printable each takes nine bytes at most, and a line break now and then. */
const MAX_WRITTEN = 2.5 * 1024 * 1024;
const MAX_PARTS = 1000;
const MAX_DEPTH = 32;
const TEXTS = ["text/plain", "text/html"];
const MAIL = "message/rfc822";

/** How much of a mail may still be taken over. */
interface Left {
  /** Characters of headers: of the mail itself, and of all mails within it. */
  headers: { own: number; inner: number };
  parts: number;
  /** Bytes of the bodies of each type, as they are written. */
  written: Map<string, number>;
  /** The same without their transfer encoding. */
  decoded: Map<string, number>;
}

/**
 * The same mail with as much of its text as is read of one: each text on one line, files without their content, and no further
 * than a thousand parts. Parsers take microseconds for every line, and longer for lines of some kinds. Takes time in proportion
 * to the length, whatever is in it. Throws where headers are too long, or parts nested too deeply.
 */
export function shortened(mail: Uint8Array, { maxHeaders }: { maxHeaders: number }): Uint8Array {
  const text = Buffer.from(mail.buffer, mail.byteOffset, mail.byteLength).toString("latin1");
  const left: Left = {
    headers: { own: maxHeaders, inner: maxHeaders },
    parts: MAX_PARTS,
    written: new Map([...TEXTS, MAIL].map((type) => [type, MAX_WRITTEN])),
    decoded: new Map(TEXTS.map((type) => [type, MAX_DECODED])),
  };
  const rewritten = rewrite(text, left, "own");
  if (rewritten === null) throw new Error("Its headers are too long.");
  return Buffer.from(rewritten, "latin1");
}

/** `null` where its headers are too long. */
function rewrite(mail: string, left: Left, place: "own" | "inner"): string | null {
  const written: string[] = [];
  /** The multiparts that are not over yet, the outermost first. */
  const open: { boundary: string; standard: string }[] = [];
  const boundaries = () => open.map(({ boundary }) => boundary);
  for (let at: number | undefined = 0; at !== undefined && left.parts > 0; left.parts--) {
    const head = headersAt(mail, at, { boundaries: boundaries(), most: left.headers[place] });
    if (head === null) return null;
    left.headers[place] -= head.headers.length;
    const kind = kindOf(head.headers, open.at(-1)?.standard ?? "text/plain");
    if (isMultipart(kind)) {
      open.push({
        boundary: kind.boundary,
        standard: kind.type === "multipart/digest" ? MAIL : "text/plain",
      });
      if (open.length > MAX_DEPTH) throw new Error("Its parts are nested too deeply.");
    }
    let next = delimiterFrom(mail, head.bodyAt, boundaries());
    written.push(part(head.headers, { kind, body: mail.slice(head.bodyAt, next?.at), left, place }));
    while (next?.isLast) {
      // What stands below a multipart's last part belongs to none.
      written.push(line(mail, next));
      open.length = next.depth;
      next = delimiterFrom(mail, next.end, boundaries());
    }
    if (next && left.parts > 1) {
      written.push(line(mail, next));
      open.length = next.depth + 1;
    }
    at = next?.end;
  }
  return written.join("");
}

const isMultipart = ({ type, boundary }: PartKind) => type.startsWith("multipart/") && boundary !== "";
const line = (mail: string, { at, end }: { at: number; end: number }) => ended(mail.slice(at, end));
const ended = (text: string) => text === "" || text.endsWith("\n") ? text : `${text}\r\n`;

/** A part as it is taken over. Of several headers of a name the first counts. */
function part(
  headers: string,
  { kind, body, left, place }: { kind: PartKind; body: string; left: Left; place: "own" | "inner" },
): string {
  const own = ended(headers);
  const withBody = (text: string) =>
    `Content-Transfer-Encoding: base64\r\n${own}\r\n${base64Encoded(text)}\r\n`;
  if (TEXTS.includes(kind.type) && kind.disposition !== "attachment") {
    const written = taken(body, kind.type, left.written);
    const decoded = decodedBody(written, kind.encoding);
    const text = taken(decoded, kind.type, left.decoded);
    const isCut = written.length < body.length || text.length < decoded.length;
    return withBody(isCut ? withoutHalf(text) : text);
  }
  if (kind.type === MAIL && ["", "inline"].includes(kind.disposition) && place === "own") {
    const inner = isEncoded(kind.encoding) ? taken(body, MAIL, left.written) : body;
    const rewritten = rewrite(decodedBody(inner, kind.encoding), left, "inner");
    return rewritten === null ? `Content-Disposition: attachment\r\n${own}\r\n` : withBody(rewritten);
  }
  return `${own}\r\n`;
}

/** As much of a body as its type may still take. */
function taken(body: string, type: string, left: Map<string, number>): string {
  const text = body.slice(0, left.get(type) ?? 0);
  left.set(type, (left.get(type) ?? 0) - text.length);
  return text;
}

/** Without its last character in UTF-8, which may not be whole: a text is taken for another charset's else. */
function withoutHalf(text: string): string {
  return text.replace(/[\xc0-\xff][\x80-\xbf]{0,3}\n?$/, "");
}
