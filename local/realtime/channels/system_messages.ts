/** What a channel hears of the server itself after its join. */
import type { JsonObject } from "../json.ts";
import type { Channel } from "./channel.ts";
import type { JoinRequest } from "./join_payload.ts";

/** The list of a join's reply. A client compares it with its own and refuses the join where they differ. */
export function numberedChanges(join: JoinRequest): JsonObject[] {
  return join.postgresChanges.map((change, index) => ({ ...change, id: index + 1 }));
}

/** Postgres changes are not emulated: a join that asks for them succeeds, and is told so. */
export function refusePostgresChanges(channel: Channel): void {
  if (channel.join.postgresChanges.length === 0) return;
  channel.push("system", {
    extension: "postgres_changes",
    status: "error",
    message: "Postgres changes are not emulated by the local stack",
    channel: channel.address.topic,
  });
}

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
