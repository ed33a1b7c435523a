import type { Broadcast, ClientMessage } from "../codec/codec.ts";
import { RealtimeError } from "../errors.ts";
import { isObject } from "../json.ts";
import type { Channel } from "./channel.ts";

/**
 * Relays a client's broadcast; one whose payload is no object crashes the channel. Answers only where the client asked for `ack`; a broadcast that policies forbid
 * is never answered. Source: supabase/realtime, lib/realtime_web/channels/realtime_channel/broadcast_handler.ex.
 */
export async function handleBroadcast(channel: Channel, message: ClientMessage): Promise<void> {
  const broadcast = toBroadcast(message);
  if (!broadcast) return channel.crash("a broadcast's payload must be an object");
  if (!(await isAllowed(channel))) return;

  channel.services.limits.messages.count();
  const { ack, self } = channel.join.broadcast;
  if (sizeOf(broadcast) > channel.services.settings.payloadBytes) {
    if (ack) channel.reply(message.ref, "error", "payload_size_exceeded");
    return;
  }
  channel.services.registry.broadcast(channel.address, broadcast, self ? undefined : channel);
  if (ack) channel.reply(message.ref, "ok", {});
}

function toBroadcast({ broadcast, payload }: ClientMessage): Broadcast | null {
  if (broadcast) return broadcast;
  return isObject(payload) ? { kind: "text", payload } : null;
}

async function isAllowed(channel: Channel): Promise<boolean> {
  try {
    return await channel.mayWrite("broadcast");
  } catch (error) {
    if (!(error instanceof RealtimeError)) throw error;
    channel.services.log(`realtime: a broadcast could not be authorized: ${error.reason}`);
    return false;
  }
}

function sizeOf(broadcast: Broadcast): number {
  if (broadcast.kind !== "text") return broadcast.payload.length;
  return new TextEncoder().encode(JSON.stringify(broadcast.payload)).length;
}
