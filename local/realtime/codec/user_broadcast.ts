/** Broadcasts as binary frames of protocol 2.0.0, as Supabase's clients send and receive them. */
import { asObject, type JsonObject } from "../json.ts";
import { concat, field, readFields } from "./binary.ts";
import type { ClientMessage, UserBroadcast } from "./codec.ts";

export const USER_BROADCAST_PUSH = 3;
const USER_BROADCAST = 4;
const BINARY = 0;
const JSON_TEXT = 1;
/** Kind, five lengths and the encoding. */
const HEADER = 7;

/**
 * Reads a client's kind 3 frame: `3 joinRefLen refLen topicLen eventLen metaLen encoding` followed by these
 * fields and the payload. `null` for frames that end too early.
 */
export function decodeUserBroadcastPush(frame: Uint8Array<ArrayBuffer>): ClientMessage | null {
  const read = readFields(frame, { fields: 5, header: HEADER });
  if (!read) return null;
  const [joinRef, ref, topic = "", event = "", metadata = ""] = read.texts;
  if (!parseMeta(metadata)) return null;
  const encoding = frame[6] === BINARY ? "binary" : "json";
  return {
    joinRef: joinRef || null,
    ref: ref || null,
    topic,
    event: "broadcast",
    payload: null,
    // The server reads a client's metadata but passes none of it on.
    broadcast: { kind: "user", event, encoding, payload: frame.slice(read.end), meta: null },
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

function parseMeta(text: string): JsonObject | null {
  if (text === "") return {};
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null; // the whole frame is malformed then, and dropped
  }
}
