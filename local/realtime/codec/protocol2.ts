/**
 * Protocol 2.0.0: text frames are `[join_ref, ref, topic, event, payload]`, user broadcasts are binary.
 * Source: supabase/realtime, lib/realtime_web/socket/v2_serializer.ex.
 */
import type { Broadcast, ClientMessage, Codec, Frame, ServerMessage } from "./codec.ts";
import { parseText, refOf } from "./text.ts";
import { decodePush, encodeBroadcast, PUSH } from "./native_broadcast.ts";
import { decodeUserBroadcastPush, encodeUserBroadcast, USER_BROADCAST_PUSH } from "./user_broadcast.ts";

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
        return encodeBroadcast(topic, broadcast);
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

function decodeText(text: string): ClientMessage | null {
  const fields = parseText(text);
  if (!Array.isArray(fields) || fields.length < 5) return null;
  const [joinRef, ref, topic, event, payload] = fields;
  if (typeof topic !== "string" || typeof event !== "string") return null;
  return { joinRef: refOf(joinRef), ref: refOf(ref), topic, event, payload, broadcast: null };
}
