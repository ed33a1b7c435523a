import type { Channel } from "./channel.ts";

/**
 * Tells a channel that asked for it (`broadcast.replication_ready`) from when on broadcasts from the database reach it,
 * and ends the channel if that takes too long.
 * Source: supabase/realtime, lib/realtime_web/channels/realtime_channel.ex.
 */
export async function announceReplication(channel: Channel): Promise<void> {
  if (!channel.join.broadcast.replicationReady) return;
  const { replication, settings } = channel.services;
  const established = await replication.established(settings.replicationTimeoutMs);
  if (channel.ended) return;
  if (!established) return channel.endWith("Replication connection was not established in time");
  channel.push("system", {
    extension: "system",
    status: "ok",
    message: "Replication connection established",
    channel: channel.address.topic,
  });
}
