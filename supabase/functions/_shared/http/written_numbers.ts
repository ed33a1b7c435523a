/** What a number looks like that may be written differently again: `84.00`, `1e3`, sixteen digits. */
const SUSPECT = /[.e]|\d{16}/i;
/** Any integer of so many digits is written again as it was. */
const SAFE_DIGITS = 15;
const [SPACE, QUOTE, PLUS, COMMA, MINUS, POINT, ZERO, NINE, COLON] = [32, 34, 43, 44, 45, 46, 48, 57, 58];
const [BRACKET, BACKSLASH, END_BRACKET, E, F, N, T, BRACE, END_BRACE] = [
  91,
  92,
  93,
  101,
  102,
  110,
  116,
  123,
  125,
];

/** A number of a JSON text that a double would change: its text, and as JSON a string. */
export class WrittenNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The nearest double. */
  valueOf(): number {
    return Number(this.text);
  }

  toJSON(): string {
    return this.text;
  }
}

/** What is read of a text. A string is one; a test counts what is read. */
export interface Readable {
  readonly length: number;
  charCodeAt(index: number): number;
  slice(from: number, to: number): string;
}

export interface ParsedJson {
  text: Readable;
  /** What `JSON.parse` made of the text. */
  value: unknown;
}

/**
 * The value with those numbers that `isKept` by their text as instances of `WrittenNumber`, in time linear to the
 * text's length. (Not every runtime's reviver gets the source, and where it does a second tree stands beside the
 * value's.)
 */
export function keepNumbers({ text, value }: ParsedJson, isKept: (number: string) => boolean): unknown {
  return holdsSuspect(text) ? new Reader(text, isKept).value() : value;
}

/** True if a number of the JSON text, not a string, looks like one that is written differently. */
function holdsSuspect(json: Readable): boolean {
  let digits = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at);
    const isDigit = code >= ZERO && code <= NINE;
    if (digits > 0 && (code === POINT || (code | 32) === E)) return true;
    digits = isDigit ? digits + 1 : 0;
    if (digits > SAFE_DIGITS) return true;
  }
  return false;
}

/** The index of the quote that ends the string which begins at `start`. */
function endOfString(json: Readable, start: number): number {
  let at = start + 1;
  for (let code = json.charCodeAt(at); code !== QUOTE; code = json.charCodeAt(at)) {
    at += code === BACKSLASH ? 2 : 1;
  }
  return at;
}

/** True if writing the parsed number again gives another text. */
export function isWrittenDifferently(number: string): boolean {
  return String(Number(number)) !== number;
}

/** True if the nearest double is another number than the one that was written. */
export function losesDigits(number: string): boolean {
  return isWrittenDifferently(number) && decimal(String(Number(number))) !== decimal(number);
}

/** A decimal number in one form: its digits without zeros around them, and their exponent. */
function decimal(number: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(number) ?? [];
  const digits = whole + fraction;
  let [from, to] = [0, digits.length];
  while (from < to && digits[from] === "0") from++;
  while (from < to && digits[to - 1] === "0") to--;
  if (from === to) return "0";
  return `${sign}${digits.slice(from, to)}e${Number(exponent) - fraction.length + digits.length - to}`;
}

/** Reads a text that JSON.parse has accepted, nested no deeper than a stack bears. */
class Reader {
  #at = 0;
  readonly #text: Readable;
  readonly #isKept: (number: string) => boolean;

  constructor(text: Readable, isKept: (number: string) => boolean) {
    this.#text = text;
    this.#isKept = isKept;
  }

  value(): unknown {
    switch (this.#next()) {
      case BRACE:
        return this.#object();
      case BRACKET:
        return this.#array();
      case QUOTE:
        return this.#string();
      case T:
        this.#at += 4;
        return true;
      case F:
        this.#at += 5;
        return false;
      case N:
        this.#at += 4;
        return null;
      default:
        return this.#number();
    }
  }

  /** The code of the next character that is no space, and no comma or colon, which a valid text has in their places. */
  #next(): number {
    let code = this.#text.charCodeAt(this.#at);
    while (code <= SPACE || code === COMMA || code === COLON) code = this.#text.charCodeAt(++this.#at);
    return code;
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.#at++;
    while (this.#next() !== END_BRACE) {
      const key = this.#string();
      const value = this.value();
      // An assignment would set the prototype.
      if (key !== "__proto__") object[key] = value;
      else {Object.defineProperty(object, key, {
          value,
          enumerable: true,
          configurable: true,
          writable: true,
        });}
    }
    this.#at++;
    return object;
  }

  #array(): unknown[] {
    const array: unknown[] = [];
    this.#at++;
    while (this.#next() !== END_BRACKET) array.push(this.value());
    this.#at++;
    return array;
  }

  #string(): string {
    const start = this.#at;
    const end = endOfString(this.#text, start);
    this.#at = end + 1;
    const inner = this.#text.slice(start + 1, end);
    return inner.includes("\\") ? JSON.parse(this.#text.slice(start, end + 1)) : inner;
  }

  #number(): number | WrittenNumber {
    const start = this.#at;
    while (isInNumber(this.#text.charCodeAt(this.#at))) this.#at++;
    const text = this.#text.slice(start, this.#at);
    return SUSPECT.test(text) && this.#isKept(text) ? new WrittenNumber(text) : Number(text);
  }
}

/** Of a digit, a sign, a point or the letter of an exponent. */
function isInNumber(code: number): boolean {
  return (code >= ZERO && code <= NINE) || code === MINUS || code === PLUS || code === POINT ||
    (code | 32) === E;
}
