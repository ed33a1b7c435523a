/** Postgres changes are not emulated: a join that asks for them succeeds, and is told so. */
import type { JsonObject } from "../json.ts";
import type { Channel } from "./channel.ts";
import type { JoinRequest } from "./join_payload.ts";

/** The list of a join's reply. A client compares it with its own and refuses the join where they differ. */
export function numberedChanges(join: JoinRequest): JsonObject[] {
  return join.postgresChanges.map((change, index) => ({ ...change, id: index + 1 }));
}

export function refusePostgresChanges(channel: Channel): void {
  if (channel.join.postgresChanges.length === 0) return;
  channel.push("system", {
    extension: "postgres_changes",
    status: "error",
    message: "Postgres changes are not emulated by the local stack",
    channel: channel.address.topic,
  });
}
