import { Buffer } from "node:buffer";

/** Whether a body is written otherwise than it is (RFC 2045, 6.1). */
export function isEncoded(encoding: string): boolean {
  return /^(?:base64|quoted-printable)$/.test(nameOf(encoding));
}

/**
 * What a body holds, by the value of its Content-Transfer-Encoding. Each character of either is a byte ("latin1"); lines of text
 * end in LF. Takes time in proportion to the length, whatever is in it.
 */
export function decodedBody(body: string, encoding: string): string {
  const name = nameOf(encoding);
  if (name === "base64") return base64Decoded(body);
  const ended = body === "" || body.endsWith("\n") ? body : `${body}\n`;
  // A run of CR that no LF follows is looked at once.
  const lines = ended.replace(/(?<!\r)\r+\n/g, "\n");
  return name === "quoted-printable" ? quotedPrintableDecoded(lines) : lines;
}

/** As base64 on one line. */
export function base64Encoded(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("base64");
}

/** Without the comments that may stand around it. */
function nameOf(encoding: string): string {
  return /[\w-]+/.exec(encoding.replace(/\([^()]*\)/g, ""))?.[0].toLowerCase() ?? "";
}

const EQUALS = "=".charCodeAt(0);
const LF = "\n".charCodeAt(0);
const DIGITS = new Map(
  [..."0123456789abcdefABCDEF"].map((digit) => [digit.charCodeAt(0), parseInt(digit, 16)]),
);

/** What is no escape stays as it is. */
function quotedPrintableDecoded(text: string): string {
  const bytes = Buffer.alloc(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === EQUALS && text.charCodeAt(at + 1) === LF) {
      at++;
      continue;
    }
    const high = code === EQUALS ? DIGITS.get(text.charCodeAt(at + 1)) : undefined;
    const low = high === undefined ? undefined : DIGITS.get(text.charCodeAt(at + 2));
    const isEscape = high !== undefined && low !== undefined;
    bytes[length++] = isEscape ? high * 16 + low : code;
    if (isEscape) at += 2;
  }
  return bytes.toString("latin1", 0, length);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Map([...ALPHABET].map((character, value) => [character.charCodeAt(0), value]));

/** Some programs end each line in padding: what follows begins anew. */
function base64Decoded(text: string): string {
  const bytes = Buffer.alloc(Math.ceil(text.length * 3 / 4));
  let length = 0;
  let bits = 0;
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === EQUALS) count = 0;
    const value = VALUES.get(code);
    if (value === undefined) continue;
    bits = ((bits << 6) | value) & 0xfff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[length++] = bits >> count;
    }
  }
  return bytes.toString("latin1", 0, length);
}
