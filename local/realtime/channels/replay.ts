import type { ReadPolicies } from "../auth/policies.ts";
import type { MessageRow } from "../database/trigger.ts";
import { RealtimeError } from "../errors.ts";
import { isObject } from "../json.ts";
import type { Services } from "../services.ts";
import { mayNotRead } from "./access.ts";
import type { Channel } from "./channel.ts";
import type { JoinRequest } from "./join_payload.ts";
import type { Address } from "./registry.ts";

/** The messages that a join wants to hear again. Rejects with a `RealtimeError` where it may not. */
export async function messagesToReplay(
  services: Services,
  { address, join, reads }: { address: Address; join: JoinRequest; reads: ReadPolicies },
): Promise<MessageRow[]> {
  const { replay } = join.broadcast;
  if (replay === undefined) return [];
  if (!reads.broadcast) throw mayNotRead(address.topic);
  if (!address.private) {
    throw new RealtimeError("UnableToReplayMessages", "Replay is not allowed for public channels");
  }
  return isObject(replay) ? await services.replay(address.topic, replay) : [];
}

/** Text for JSON, with the join's reference; a binary frame for bytes, where the protocol has one. */
export function sendReplay(channel: Channel, rows: MessageRow[]): void {
  if (!channel.receivesBroadcasts) return;
  for (const { id, event, payload, binary_payload } of rows) {
    const meta = { replayed: true, id };
    if (payload !== null) {
      channel.push("broadcast", { event, payload: JSON.parse(payload), type: "broadcast", meta });
      continue;
    }
    const bytes = Uint8Array.from(binary_payload ?? []);
    const frame = channel.codec.encodeBroadcast(channel.topic, {
      kind: "user",
      event,
      encoding: "binary",
      payload: bytes,
      meta,
    });
    if (frame !== null) channel.sendFrame(frame);
  }
}
