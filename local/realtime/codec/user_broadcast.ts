/** The binary frames of protocol 2.0.0. Every length is one byte. */
import { asObject, type JsonObject } from "../json.ts";
import { type ClientMessage, FieldTooLong, type UserBroadcast } from "./codec.ts";

const USER_BROADCAST_PUSH = 3;
const USER_BROADCAST = 4;
const BINARY = 0;
const JSON_TEXT = 1;
const MAX_FIELD_BYTES = 255;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Reads a client's kind 3 frame: `3 joinRefLen refLen topicLen eventLen metaLen encoding` followed by these
 * fields and the payload. `null` for other kinds and for frames that end too early.
 */
export function decodeUserBroadcastPush(frame: Uint8Array<ArrayBuffer>): ClientMessage | null {
  const HEADER = 7;
  if (frame.length < HEADER || frame[0] !== USER_BROADCAST_PUSH) return null;
  const [, joinRefLength = 0, refLength = 0, topicLength = 0, eventLength = 0, metaLength = 0] = frame;
  const payloadStart = HEADER + joinRefLength + refLength + topicLength + eventLength + metaLength;
  if (frame.length < payloadStart) return null;

  let offset = HEADER;
  const take = (length: number) => decoder.decode(frame.subarray(offset, offset += length));
  const joinRef = take(joinRefLength);
  const ref = take(refLength);
  const topic = take(topicLength);
  const event = take(eventLength);
  const meta = parseMeta(take(metaLength));
  if (!meta) return null;

  const encoding = frame[6] === BINARY ? "binary" : "json";
  const payload = frame.slice(payloadStart);
  return {
    joinRef: joinRef || null,
    ref: ref || null,
    topic,
    event: "broadcast",
    payload: null,
    // The server reads a client's metadata but passes none of it on.
    broadcast: { kind: "user", event, encoding, payload, meta: null },
  };
}

/** Writes a kind 4 frame: `4 topicLen eventLen metaLen encoding` followed by these fields and the payload. */
export function encodeUserBroadcast(topic: string, broadcast: UserBroadcast): Uint8Array<ArrayBuffer> {
  const fields = [
    field("topic", topic),
    field("event", broadcast.event),
    field("metadata", broadcast.meta ? JSON.stringify(broadcast.meta) : ""),
  ];
  const encoding = broadcast.encoding === "binary" ? BINARY : JSON_TEXT;
  const header = Uint8Array.of(USER_BROADCAST, ...fields.map((bytes) => bytes.length), encoding);
  return concat([header, ...fields, broadcast.payload]);
}

function field(name: string, value: string): Uint8Array {
  const bytes = encoder.encode(value);
  if (bytes.length > MAX_FIELD_BYTES) throw new FieldTooLong(name, bytes.length);
  return bytes;
}

function concat(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function parseMeta(text: string): JsonObject | null {
  if (text === "") return {};
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null; // the whole frame is malformed then, and dropped
  }
}
