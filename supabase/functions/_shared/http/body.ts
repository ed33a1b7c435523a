import { HeddleError } from "../../../../shared/errors.ts";
import { isWrittenDifferently, keepNumbers, losesDigits, type ParsedJson } from "./written_numbers.ts";

const MAX_DEPTH = 64;
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Parses UTF-8 JSON; `what` names it in the error's message. Throws `invalid_json`, also for what is nested
 * so deep that writing it again could exhaust the stack.
 */
export function parseJson(bytes: Uint8Array, what = "The body"): unknown {
  return parse(bytes, what).value;
}

/**
 * The same, with each number that would be written in another way again as a `WrittenNumber`: a person is to
 * read what the sender wrote.
 */
export function parseJsonAsWritten(bytes: Uint8Array, what = "The body"): unknown {
  return keepNumbers(parse(bytes, what), isWrittenDifferently);
}

/**
 * The same, with each number that a double can't hold as a `WrittenNumber`: what is passed on is the number
 * that came.
 */
export function parseJsonWithDigits(bytes: Uint8Array, what = "The body"): unknown {
  return keepNumbers(parse(bytes, what), losesDigits);
}

function parse(bytes: Uint8Array, what: string): ParsedJson {
  const text = decode(bytes, what);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new HeddleError("invalid_json", `${what} must be JSON.`, { cause });
  }
  if (isDeeperThan(text, MAX_DEPTH)) {
    throw new HeddleError("invalid_json", `${what} must not be nested more than ${MAX_DEPTH} levels deep.`);
  }
  return { text, value };
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new HeddleError("invalid_json", `${what} must be UTF-8.`, { cause });
  }
}

const [QUOTE, BACKSLASH, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [34, 92, 91, 93, 123, 125];

/** Counts the brackets of a valid JSON text: to walk through its value takes longer, and recursion has an end. */
function isDeeperThan(json: string, levels: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) inString = !inString;
    else if (inString) at += code === BACKSLASH ? 1 : 0;
    else if (code === OPEN_ARRAY || code === OPEN_OBJECT) depth++;
    else if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) depth--;
    if (depth > levels) return true;
  }
  return false;
}
