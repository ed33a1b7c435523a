import type { BroadcastEnvelope } from "../../../../shared/channels.ts";
import { callDatabase } from "../database/call_database.ts";

/** Sends the hint on all channels in one transaction. Throws unless every one was stored. */
export async function broadcastFromDatabase(
  channels: readonly string[],
  envelope: BroadcastEnvelope,
): Promise<void> {
  await callDatabase("broadcast_refresh", { p_channels: [...channels], p_payload: { ...envelope } });
}
