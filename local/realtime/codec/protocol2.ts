/**
 * Protocol 2.0.0: text frames are `[join_ref, ref, topic, event, payload]`, user broadcasts are binary.
 * Source: supabase/realtime, lib/realtime_web/socket/v2_serializer.ex.
 */
import { concat, field, readFields } from "./binary.ts";
import type { Broadcast, ClientMessage, Codec, Frame, NativeBroadcast, ServerMessage } from "./codec.ts";
import { parseText, refOf } from "./text.ts";
import { decodeUserBroadcastPush, encodeUserBroadcast, USER_BROADCAST_PUSH } from "./user_broadcast.ts";

/** Kinds of Phoenix's own binary frames: what a Phoenix client makes of a push of bytes. Supabase's clients don't use them. */
const PUSH = 0;
const BROADCAST = 2;
/** Kind and four lengths. */
const HEADER = 5;

export const protocol2: Codec = {
  decode(frame: Frame): ClientMessage | null {
    return typeof frame === "string" ? decodeText(frame) : decodeBinary(frame);
  },

  encode({ joinRef, ref, topic, event, payload }: ServerMessage): string {
    return JSON.stringify([joinRef, ref, topic, event, payload]);
  },

  encodeBroadcast(topic: string, broadcast: Broadcast): Frame {
    switch (broadcast.kind) {
      case "user":
        return encodeUserBroadcast(topic, broadcast);
      case "native":
        return encodeNativeBroadcast(topic, broadcast);
      case "text":
        return JSON.stringify([null, null, topic, "broadcast", broadcast.payload]);
    }
  },
};

function decodeBinary(frame: Uint8Array<ArrayBuffer>): ClientMessage | null {
  switch (frame[0]) {
    case PUSH:
      return decodePush(frame);
    case USER_BROADCAST_PUSH:
      return decodeUserBroadcastPush(frame);
    default:
      return null;
  }
}

/**
 * Reads a client's kind 0 frame: `0 joinRefLen refLen topicLen eventLen` followed by these fields and the bytes. `null` for
 * frames that end too early.
 */
function decodePush(frame: Uint8Array<ArrayBuffer>): ClientMessage | null {
  const read = readFields(frame, { fields: 4, header: HEADER });
  if (!read) return null;
  const [joinRef, ref, topic = "", event = ""] = read.texts;
  const broadcast: NativeBroadcast = { kind: "native", payload: frame.slice(read.end) };
  return { joinRef: joinRef || null, ref: ref || null, topic, event, payload: null, broadcast };
}

/** Writes a kind 2 frame: `2 topicLen eventLen` followed by these fields and the bytes. */
function encodeNativeBroadcast(topic: string, { payload }: NativeBroadcast): Uint8Array<ArrayBuffer> {
  const fields = [field("topic", topic), field("event", "broadcast")];
  return concat([Uint8Array.of(BROADCAST, ...fields.map((bytes) => bytes.length)), ...fields, payload]);
}

function decodeText(text: string): ClientMessage | null {
  const fields = parseText(text);
  if (!Array.isArray(fields) || fields.length < 5) return null;
  const [joinRef, ref, topic, event, payload] = fields;
  if (typeof topic !== "string" || typeof event !== "string") return null;
  return { joinRef: refOf(joinRef), ref: refOf(ref), topic, event, payload, broadcast: null };
}
