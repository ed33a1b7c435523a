/**
 * Messages of a private topic from before a join. Only what SQL has sent is stored: broadcasts of sockets and REST are not.
 * Source: supabase/realtime, lib/realtime/messages.ex.
 */
import type { Sql } from "postgres";
import { RealtimeError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { MessageRow } from "./trigger.ts";

const MAX_MESSAGES = 25;
/** The end of the year 9999, in milliseconds: Elixir's last time. */
const LAST_TIME = 253_402_300_799_999;

/** `asked` is a join's `broadcast.replay`. Resolves to the newest messages, the oldest of them first. */
export type Replay = (topic: string, asked: JsonObject) => Promise<MessageRow[]>;

/** Rejects with `UnableToReplayMessages` where the parameters are not valid or Postgres does not answer. */
export function createReplay(sql: Sql): Replay {
  return async (topic, asked) => {
    const { since, limit } = paramsOf(asked);
    try {
      const rows = await sql<MessageRow[]>`
        select id, topic, event, private, payload::text as payload, binary_payload
        from realtime.messages
        where private and extension = 'broadcast' and topic = ${topic}
          and inserted_at >= to_timestamp(${since}::float8 / 1000) at time zone 'UTC'
          and event is not null and (payload is not null or binary_payload is not null)
        order by inserted_at desc
        limit ${limit}`;
      return [...rows].reverse();
    } catch (cause) {
      throw Object.assign(unable("Realtime was unable to replay messages"), { cause });
    }
  };
}

function paramsOf(asked: JsonObject): { since: number; limit: number } {
  const since = asked.since;
  const limit = asked.limit ?? MAX_MESSAGES;
  if (!Number.isInteger(since) || !Number.isInteger(limit) || Number(since) > LAST_TIME) {
    throw unable("Replay params are not valid");
  }
  return { since: Number(since), limit: Math.min(Math.max(Number(limit), 1), MAX_MESSAGES) };
}

function unable(message: string): RealtimeError {
  return new RealtimeError("UnableToReplayMessages", message);
}
