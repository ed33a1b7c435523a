import { HeddleError } from "../../../../shared/errors.ts";

/**
 * Reads a body as it streams in and stops as soon as it holds more than `limit` bytes.
 * For an answer of `fetch` these are decompressed bytes, so that a gzip bomb ends here too.
 * Throws `payload_too_large`, or the signal's reason once that is aborted.
 */
export async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  // Whatever comes of the cancelling, the read ends, and then with the signal's reason.
  signal?.addEventListener("abort", () => void reader.cancel(signal.reason).catch(() => undefined), {
    once: true,
  });
  while (true) {
    const { done, value } = await reader.read();
    signal?.throwIfAborted();
    if (done) break;
    length += value.byteLength;
    if (length > limit) {
      await reader.cancel();
      throw new HeddleError("payload_too_large", `The body must hold at most ${limit / 1024} KiB.`);
    }
    chunks.push(value);
  }
  return joined(chunks, length);
}

function joined(chunks: Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

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

export interface Deadline {
  /** Aborts with a `TimeoutError` when the time is over. */
  readonly signal: AbortSignal;
  /** What had to be done in time is done. */
  end(): void;
}

/**
 * `AbortSignal.timeout` would keep its timer, and all that hangs on it, until the time is over: at 500 calls
 * a second that shows.
 */
export function deadline(ms: number): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException("The time is over.", "TimeoutError")), ms);
  return { signal: controller.signal, end: () => clearTimeout(timer) };
}
