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
