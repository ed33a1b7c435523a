/**
 * Presence, as far as it is emulated: joins that ask for it succeed and see an empty state, policies decide who
 * may track, and nothing is tracked.
 */
import type { ClientMessage } from "../codec/codec.ts";
import { RealtimeError } from "../errors.ts";
import { asObject } from "../json.ts";
import type { Channel } from "./channel.ts";

const NOT_EMULATED = "Presence is not emulated by the local stack";

/** Sends what a channel with presence gets after it has joined. */
export function sendPresenceState(channel: Channel): void {
  if (channel.join.presence.enabled && channel.readsPresence) channel.push("presence_state", {});
}

export async function handlePresence(channel: Channel, message: ClientMessage): Promise<void> {
  const { event } = asObject(message.payload);
  if (typeof event !== "string") return channel.reply(message.ref, "ok", {});
  switch (event.toLowerCase()) {
    case "track":
      return channel.reply(message.ref, "error", await mayTrack(channel) ? { reason: NOT_EMULATED } : {});
    case "untrack":
      return channel.reply(message.ref, "ok", {});
    default:
      return channel.reply(message.ref, "error", {});
  }
}

async function mayTrack(channel: Channel): Promise<boolean> {
  try {
    return await channel.mayWrite("presence");
  } catch (error) {
    if (!(error instanceof RealtimeError)) throw error;
    channel.services.log(`realtime: presence could not be authorized: ${error.reason}`);
    return false;
  }
}
