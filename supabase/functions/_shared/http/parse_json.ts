const MAX_DEPTH = 64;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** `message` says what must hold, to be continued after a subject: "must be JSON". */
export class InvalidJson extends Error {
  override readonly name = "InvalidJson";
}

/**
 * Parses UTF-8 JSON. Throws `InvalidJson` also for what is nested so deep that writing it again could exhaust the
 * stack.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const value = parse(decode(bytes));
  if (isDeeperThan(value, MAX_DEPTH)) {
    throw new InvalidJson(`must not be nested more than ${MAX_DEPTH} levels deep`);
  }
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new InvalidJson("must be UTF-8", { cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidJson("must be JSON", { cause });
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
