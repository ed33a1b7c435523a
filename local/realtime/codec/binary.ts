/** Fields of binary frames: each has its length, one byte, in the header. */
import { FieldTooLong } from "./codec.ts";

const MAX_FIELD_BYTES = 255;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The texts of so many fields whose lengths follow the first byte, and where what follows them begins; `null` if cut. */
export function readFields(
  frame: Uint8Array<ArrayBuffer>,
  { fields, header }: { fields: number; header: number },
): { texts: string[]; end: number } | null {
  const lengths = [...frame.subarray(1, 1 + fields)];
  const end = lengths.reduce((total, length) => total + length, header);
  if (frame.length < end) return null;
  let offset = header;
  const texts = lengths.map((length) => decoder.decode(frame.subarray(offset, offset += length)));
  return { texts, end };
}

/** Throws `FieldTooLong` where one byte cannot hold its length. */
export function field(name: string, value: string): Uint8Array {
  const bytes = encoder.encode(value);
  if (bytes.length > MAX_FIELD_BYTES) throw new FieldTooLong(name, bytes.length);
  return bytes;
}

export function concat(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
