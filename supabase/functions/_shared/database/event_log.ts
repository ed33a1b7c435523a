import * as z from "zod";
import {
  type ReadEventsAnswer,
  readEventsAnswer,
  type WriteEventAnswer,
  writeEventAnswer,
  type WriteEventRequest,
} from "../../../../shared/api/events.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import type { TopicFilter } from "../../../../shared/topics.ts";
import { environment } from "../environment.ts";
import { callDatabase, callDatabaseAs } from "./call_database.ts";
import type { Json } from "./database_types.ts";
import { type KeyCaller, requireKey, understood } from "./key_calls.ts";

/** What a reader wants of the log. `topics`: `null` for all. */
export interface Wanted {
  cursor: string | null;
  topics: TopicFilter[] | null;
  limit: number;
}

const membershipSchema = z.object({
  isMember: z.boolean(),
  channels: z.array(z.string()),
  teams: z.array(z.object({ name: z.string(), orgId: z.string() })),
});

/** An event that was written, and the agents whose teams are to be told of it now. */
export interface Written {
  event: WriteEventAnswer;
  toTell: string[];
}

const writtenSchema = z.object({ event: writeEventAnswer, toTell: z.array(z.string()).default([]) });

/** Writes an event. Throws `invalid_api_key`, `rate_limited`, `forbidden`, or `conflict` for a key that came with another one. */
export async function writeEvent(
  { keyHash, addressHash }: KeyCaller,
  event: WriteEventRequest,
  idempotencyKey: string | null,
): Promise<Written> {
  const answer = await understood(callDatabase("write_event", {
    p_key_hash: keyHash,
    p_event: event as Json,
    p_idempotency_key: idempotencyKey,
    p_address_hash: addressHash,
  }));
  requireKey(answer);
  return writtenSchema.parse(answer);
}

/** What came after the cursor that this key may read. Throws as `writeEvent`, and `cursor_expired`. */
export async function readEventsByKey(
  { keyHash, addressHash }: KeyCaller,
  { cursor, topics, limit }: Wanted,
): Promise<ReadEventsAnswer> {
  const answer = await understood(callDatabase("read_events", {
    p_key_hash: keyHash,
    p_since: cursor,
    p_topics: topics as Json,
    p_limit: limit,
    p_address_hash: addressHash,
  }));
  requireKey(answer);
  return readEventsAnswer.parse(answer);
}

/**
 * What came after the cursor that a member of a team may read. Throws `invalid_session`, `forbidden` for
 * who is no member, and `cursor_expired`.
 */
export async function readEventsAsMember(
  accessToken: string,
  { cursor, topics, limit }: Wanted,
): Promise<ReadEventsAnswer> {
  const call = callDatabaseAs(accessToken, "inbox_events", {
    p_since: cursor,
    p_topics: topics as Json,
    p_limit: limit,
  });
  const answer = await understood(call);
  const { isMember, channels, teams } = membershipSchema.parse(answer);
  if (!isMember) throw new HeddleError("forbidden", "The access token must be that of a member of a team.");
  const { publishableKey: key } = environment();
  return {
    ...readEventsAnswer.pick({ events: true, cursor: true }).parse(answer),
    ...(channels.length > 0 ? { live: { channels, key } } : {}),
    ...(teams.length > 0 ? { teams: { channels: teams, key } } : {}),
  };
}
