import { HeddleError } from "../../../../shared/errors.ts";
import { beginningOf } from "../../../../shared/text.ts";

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

/**
 * What the work comes to. Throws the signal's reason once that is aborted, whether the work heeds it or not: the runtime's
 * resolver may not, nor a body of which the runtime has lost track.
 */
export async function within<Result>(signal: AbortSignal, work: PromiseLike<Result>): Promise<Result> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/**
 * The pieces of a body as they come. Throws the signal's reason once that is aborted, also while nothing comes. That `fetch`
 * was given the signal does not do it: after a garbage collection Deno no longer knows of the body whose `Response` nobody holds
 * (https://github.com/denoland/deno/issues/29075). Whoever leaves early closes the connection.
 */
export async function* piecesOf(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  // A read that waits ends with it.
  const leave = () => void reader.cancel(signal.reason).catch(() => undefined);
  signal.addEventListener("abort", leave, { once: true });
  try {
    while (true) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
  }
}

/**
 * Reads a body as it streams in and stops as soon as it holds more than `limit` bytes.
 * For an answer of `fetch` these are decompressed bytes, so that a gzip bomb ends here too.
 * Throws `payload_too_large`, or the signal's reason once that is aborted.
 */
export async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of piecesOf(body, signal)) {
    length += piece.byteLength;
    if (length > limit) {
      throw new HeddleError("payload_too_large", `The body must hold at most ${limit / 1024} KiB.`);
    }
    pieces.push(piece);
  }
  return joined(pieces, length);
}

function joined(pieces: Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}

/**
 * How a body begins, for whoever wants to know what was answered: at most so many characters, and of one that breaks off, or
 * that the signal ends, as much as came.
 */
export async function readBeginning(
  body: ReadableStream<Uint8Array> | null,
  characters: number,
  signal: AbortSignal,
): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const piece of piecesOf(body, signal)) {
      text += decoder.decode(piece, { stream: true });
      if (text.length >= characters) break;
    }
  } catch { /* as the docstring says */ }
  return beginningOf(text + decoder.decode(), characters);
}

/** Closes the connection of an answer whose status says it all: a body that has broken is nobody's loss. */
export function leaveBody({ body }: Response): void {
  void body?.cancel().catch(() => undefined);
}
