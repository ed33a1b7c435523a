import * as z from "zod";
import {
  type ReadEventsAnswer,
  readEventsAnswer,
  type WriteEventAnswer,
  writeEventAnswer,
  type WriteEventRequest,
} from "../../../../shared/api/events.ts";
import { type ErrorCode, HeddleError } from "../../../../shared/errors.ts";
import type { TopicFilter } from "../../../../shared/topics.ts";
import { invalidApiKey } from "../auth/api_key.ts";
import { environment } from "../environment.ts";
import { rateLimited } from "../http/endpoint.ts";
import { callDatabase, callDatabaseAs, DatabaseError } from "./call_database.ts";
import type { Json } from "./database_types.ts";

/** A key as the database knows it: SHA-256, lowercase hex, and the address that unknown ones are charged to. */
export interface KeyCaller {
  keyHash: string;
  addressHash: string | null;
}

/** What a reader wants of the log. `topics`: `null` for all. */
export interface Wanted {
  cursor: string | null;
  topics: TopicFilter[] | null;
  limit: number;
}

const outcomeSchema = z.object({
  outcome: z.enum(["ok", "key_not_found", "rate_limited"]),
  retryAfter: z.number().optional(),
});

const membershipSchema = z.object({ isMember: z.boolean(), channels: z.array(z.string()) });

const CODE_OF: Record<string, ErrorCode> = {
  PT400: "invalid_request",
  PT403: "forbidden",
  PT409: "conflict",
  PT410: "cursor_expired",
};

/** Writes an event. Throws `invalid_api_key`, `rate_limited`, `forbidden`, or `conflict` for a key that came with another one. */
export async function writeEvent(
  { keyHash, addressHash }: KeyCaller,
  event: WriteEventRequest,
  idempotencyKey: string | null,
): Promise<WriteEventAnswer> {
  const answer = await understood(callDatabase("write_event", {
    p_key_hash: keyHash,
    p_event: event as Json,
    p_idempotency_key: idempotencyKey,
    p_address_hash: addressHash,
  }));
  requireKey(answer);
  return z.object({ event: writeEventAnswer }).parse(answer).event;
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
  const { isMember, channels } = membershipSchema.parse(answer);
  if (!isMember) throw new HeddleError("forbidden", "The access token must be that of a member of a team.");
  const live = channels.length > 0 ? { channels, key: environment().publishableKey } : undefined;
  return { ...readEventsAnswer.parse(answer), live };
}

function requireKey(answer: unknown): void {
  const { outcome, retryAfter } = outcomeSchema.parse(answer);
  if (outcome === "rate_limited") throw rateLimited(retryAfter ?? 1);
  if (outcome === "key_not_found") throw invalidApiKey();
}

/** What the database refuses, as the caller may see it. */
async function understood<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (cause) {
    if (!(cause instanceof DatabaseError)) throw cause;
    const code = CODE_OF[cause.code];
    if (code) {
      throw new HeddleError(code, cause.details ?? "The request must be one that can be done.", { cause });
    }
    // PostgREST's own: no token of this project, or one that is over. 42501: a key in a token's place.
    if (!/^PGRST30\d$|^42501$/.test(cause.code)) throw cause;
    throw new HeddleError(
      "invalid_session",
      "The access token must be one of Supabase Auth, and not expired.",
      {
        cause,
      },
    );
  }
}
