import { Buffer } from "node:buffer";

/** RFC 6455, 5.2: the last frame of a text, and lengths that do not fit in seven bits. */
const WHOLE_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MOST_16 = 0xffff;

const made = new WeakMap<Buffer, Buffer>();

/**
 * A server's frame of a text in UTF-8, made once for however many get the same bytes: a socket's own would be another header and
 * two writes for each.
 */
export function textFrame(bytes: Buffer): Buffer {
  let frame = made.get(bytes);
  if (!frame) {
    frame = Buffer.concat([headerOf(bytes.length), bytes]);
    made.set(bytes, frame);
  }
  return frame;
}

function headerOf(length: number): Buffer {
  if (length < LENGTH_16) return Buffer.from([WHOLE_TEXT, length]);
  const header = Buffer.alloc(length > MOST_16 ? 10 : 4);
  header[0] = WHOLE_TEXT;
  header[1] = length > MOST_16 ? LENGTH_64 : LENGTH_16;
  if (length > MOST_16) header.writeBigUInt64BE(BigInt(length), 2);
  else header.writeUInt16BE(length, 2);
  return header;
}
