import { HeddleError } from "../../../../shared/errors.ts";

const MAX_DEPTH = 64;
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Parses UTF-8 JSON; `what` names it in the error's message. Throws `invalid_json`, also for what is nested
 * so deep that writing it again could exhaust the stack.
 */
export function parseJson(bytes: Uint8Array, what = "The body"): unknown {
  const value = parse(decode(bytes, what), what);
  if (isDeeperThan(value, MAX_DEPTH)) {
    throw new HeddleError("invalid_json", `${what} must not be nested more than ${MAX_DEPTH} levels deep.`);
  }
  return value;
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new HeddleError("invalid_json", `${what} must be UTF-8.`, { cause });
  }
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HeddleError("invalid_json", `${what} must be JSON.`, { cause });
  }
}

/** Level by level, because recursion is what deep nesting breaks. */
function isDeeperThan(root: unknown, levels: number): boolean {
  let level = [root].filter(isContainer);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
