/**
 * Protocol 1.0.0: text frames are objects, downstream without join_ref. It has no binary frames, so a broadcast of bytes
 * can't be carried. Source: Phoenix's v1 serializer, and supabase/realtime, lib/realtime_web/channels/realtime_channel/.
 */
import { isObject, type JsonObject } from "../json.ts";
import { parseText, refOf } from "./text.ts";
import type { Broadcast, ClientMessage, Codec, Frame, ServerMessage } from "./codec.ts";

export const protocol1: Codec = {
  decode(frame: Frame): ClientMessage | null {
    const message = typeof frame === "string" ? parseText(frame) : null;
    if (!isObject(message)) return null;
    const { topic, event, payload, ref, join_ref } = message;
    if (typeof topic !== "string" || typeof event !== "string") return null;
    return { joinRef: refOf(join_ref), ref: refOf(ref), topic, event, payload, broadcast: null };
  },

  encode({ ref, topic, event, payload }: ServerMessage): string {
    return JSON.stringify({ topic, event, payload, ref });
  },

  encodeBroadcast(topic: string, broadcast: Broadcast): string | null {
    const payload = payloadOf(broadcast);
    return payload && JSON.stringify({ topic, event: "broadcast", payload, ref: null });
  },
};

function payloadOf(broadcast: Broadcast): JsonObject | null {
  if (broadcast.kind === "text") return broadcast.payload;
  if (broadcast.kind === "native" || broadcast.encoding === "binary") return null;
  const payload = parseText(new TextDecoder().decode(broadcast.payload));
  if (payload === undefined) return null;
  const { event, meta } = broadcast;
  return { event, payload, type: "broadcast", ...(meta ? { meta } : {}) };
}
