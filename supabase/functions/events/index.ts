import {
  idempotencyKey,
  type ReadEventsAnswer,
  readEventsRequest,
  type WriteEventAnswer,
  writeEventRequest,
} from "../../../shared/api/events.ts";
import { HeddleError } from "../../../shared/errors.ts";
import { apiKeyHash } from "../_shared/auth/api_key.ts";
import { addressHash } from "../_shared/auth/caller.ts";
import {
  readEventsAsMember,
  readEventsByKey,
  type Wanted,
  writeEvent,
} from "../_shared/database/event_log.ts";
import type { KeyCaller } from "../_shared/database/key_calls.ts";
import { deliverSoon } from "../_shared/deliveries/deliver_soon.ts";
import { environment } from "../_shared/environment.ts";
import { type Call, endpoint, json } from "../_shared/http/endpoint.ts";
import { bearerToken, queryOf, readJsonBody, validate } from "../_shared/http/request.ts";

/** An event may hold 64 KiB of data. */
const MAX_BYTES = 128 * 1024;
/** Between two looks into the log while a reader waits. */
const POLL_MS = 500;

/**
 * POST events { source, resource, event, resourceId, actor?, data? }    x-api-key with the scope events:write
 *
 * Adds to the event log something that happened in one of the owner's services. With an Idempotency-Key the same event is
 * written once in 24 hours and gets the first answer.
 *
 * 200 WriteEventAnswer · 403 forbidden without the scope · 409 conflict for an Idempotency-Key that came with another event
 *
 * GET events?since=&wait=&channel=&topic=&limit=    x-api-key with the scope events:read, or a member's access token
 *
 * What came after the cursor `since`, at once or as soon as there is something within `wait` seconds. Without `since`: no
 * events, and the cursor of now. Channels and topics may come several times.
 *
 * 200 ReadEventsAnswer · 403 forbidden for a foreign topic, or without the scope · 410 cursor_expired
 *
 * Both: 401 missing_api_key, invalid_api_key, invalid_session · 429 rate_limited for unknown keys
 */
const fetch = endpoint(
  { name: "events", method: ["GET", "POST"], callers: "browsers" },
  async (request, call) => {
    const answer = request.method === "POST" ? await write(request, call) : await read(request, call);
    return json(answer);
  },
);

async function write(request: Request, call: Call): Promise<WriteEventAnswer> {
  const caller = keyCaller(request);
  if (!caller) throw new HeddleError("missing_api_key", "Send an API key as x-api-key.");
  const key = validate(idempotencyKey, request.headers.get("idempotency-key") ?? undefined);
  const event = validate(writeEventRequest, await readJsonBody(request, { maxBytes: MAX_BYTES }));
  const written = await writeEvent(caller, event, key ?? null);
  for (const agentId of [null, ...written.toTell]) deliverSoon(agentId, call);
  return written.event;
}

async function read(request: Request, call: Call): Promise<ReadEventsAnswer> {
  const page = pageReader(request);
  const { since = null, wait, limit, channel, topic } = validate(readEventsRequest, {
    ...queryOf(request, ["channel", "topic"]),
    channel: allOf(request, "channel"),
    topic: allOf(request, "topic"),
  });
  const filters = [...channel, ...topic].flat();
  const wanted: Wanted = { cursor: since, topics: filters.length > 0 ? filters : null, limit };
  const until = since === null ? 0 : call.startedAt + wait * 1000;
  while (true) {
    const answer = await page(wanted);
    const left = until - Date.now();
    if (answer.events.length > 0 || left <= 0 || request.signal.aborted) return answer;
    // From where the last look ended, so that the next has nothing to go through again.
    wanted.cursor = answer.cursor;
    await new Promise((resolve) => setTimeout(resolve, Math.min(POLL_MS, left)));
  }
}

/** Looks into the log as whoever sent the request; who that is, and may be still, the database says at each look. */
function pageReader(request: Request): (wanted: Wanted) => Promise<ReadEventsAnswer> {
  const caller = keyCaller(request);
  if (caller) return (wanted) => readEventsByKey(caller, wanted);
  const accessToken = bearerToken(request);
  if (accessToken) return (wanted) => readEventsAsMember(accessToken, wanted);
  throw new HeddleError(
    "missing_api_key",
    "Send an API key as x-api-key, or a member's access token as a bearer token.",
  );
}

function keyCaller(request: Request): KeyCaller | null {
  const keyHash = apiKeyHash(request);
  return keyHash ? { keyHash, addressHash: addressHash(request, environment()) } : null;
}

function allOf(request: Request, name: string): string[] {
  return new URL(request.url).searchParams.getAll(name).filter((value) => value !== "");
}

export default { fetch };
