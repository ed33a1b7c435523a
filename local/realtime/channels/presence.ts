/** A channel's presence messages. Source: supabase/realtime, lib/realtime_web/channels/realtime_channel/presence_handler.ex. */
import type { ClientMessage, Ref } from "../codec/codec.ts";
import { RealtimeError } from "../errors.ts";
import { asObject, isObject, type JsonObject } from "../json.ts";
import type { Channel } from "./channel.ts";

/** Sends who is present to a channel whose join asked for it and that may know; above the project's rate the channel ends instead. */
export function sendPresenceState(channel: Channel): void {
  if (!channel.join.presence.enabled || !channel.receivesPresence || !takesOneMore(channel)) return;
  channel.push("presence_state", channel.services.presences.state(channel.address));
}

export async function handlePresence(channel: Channel, message: ClientMessage): Promise<void> {
  const { event, payload = {} } = asObject(message.payload);
  if (typeof event !== "string") return channel.reply(message.ref, "ok", {});
  if (!channel.presenceCalls.allow()) return channel.endWith("Client presence rate limit exceeded");
  switch (event.toLowerCase()) {
    case "track":
      return await track(channel, message.ref, payload);
    case "untrack":
      channel.reply(message.ref, "ok", {});
      return channel.services.presences.untrack(channel);
    default:
      return channel.reply(message.ref, "error", {});
  }
}

async function track(channel: Channel, ref: Ref, payload: unknown): Promise<void> {
  const allowed = await mayTrack(channel);
  if (channel.ended) return;
  if (!allowed) return channel.reply(ref, "error", {});
  if (!isObject(payload)) {
    return channel.reply(ref, "error", { reason: "Presence track payload must be a map" });
  }
  if (sizeOf(payload) > channel.services.settings.payloadBytes) {
    return channel.endWith("Track message size exceeded");
  }
  if (channel.services.presences.tracks(channel, payload)) return channel.reply(ref, "ok", {});
  if (!takesOneMore(channel)) return;
  channel.reply(ref, "ok", {});
  channel.services.presences.track(channel, channel.join.presence.key, payload);
}

async function mayTrack(channel: Channel): Promise<boolean> {
  try {
    await channel.askForPresence();
    return await channel.mayWrite("presence");
  } catch (error) {
    if (!(error instanceof RealtimeError)) throw error;
    channel.services.log(`realtime: presence could not be authorized: ${error.reason}`);
    return false;
  }
}

/** Counts a presence message, or ends the channel when the project has too many of them. */
function takesOneMore(channel: Channel): boolean {
  const { presence } = channel.services.limits;
  if (!presence.hasRoomFor(0)) {
    channel.endWith("Too many presence messages per second");
    return false;
  }
  presence.count();
  return true;
}

function sizeOf(payload: JsonObject): number {
  return new TextEncoder().encode(JSON.stringify(payload)).length;
}
