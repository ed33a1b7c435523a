import { HeddleError } from "../../../../shared/errors.ts";
import type { Envelope } from "../../../../shared/events.ts";
import { beginningOf } from "../../../../shared/text.ts";
import { deadline, leaveBody, readBeginning } from "../http/in_time.ts";

/** Milliseconds before the second and the third try. */
const RETRY_DELAYS_MS = [100, 400];
/** A Realtime that is well answers within milliseconds; the caller, who may not wait for long, is waiting for the second route. */
const TRY_TIMEOUT_MS = 3_000;
const RETRY_AFTER_SECONDS = 5;
/** Up to so many channels go by REST, where each is a request; more are one call of the database. */
const MAX_REST_CHANNELS = 2;
/**
 * Above so many broadcasts at a time the database takes them: a private one by REST costs Realtime a transaction, on a pool
 * of one connection unless the project's owner has raised it.
 */
const MAX_REST_AT_ONCE = 4;
/** Of an answer as much is read as says why. */
const MAX_REASON_CHARACTERS = 2_000;
/** How long a Realtime without the endpoint is believed to have none: a self-hosted one before 2.97. */
const NO_ENDPOINT_MS = 10 * 60 * 1000;

export interface BroadcastOptions {
  /** Read at each broadcast, so that a function that sends none boots without. */
  project(): { supabaseUrl: string; secretKey: string };
  fetch: typeof globalThis.fetch;
  sleep(ms: number): Promise<void>;
  /** Milliseconds. */
  now(): number;
  /** The other route: sends on all these channels from SQL, or rejects. */
  fromDatabase(channels: readonly string[], envelope: Envelope): Promise<void>;
}

/** The route the last channels went. */
export type BroadcastRoute = "rest" | "database";

/**
 * Queues one event on every channel; its `type` is Realtime's event name too. All channels are private. Throws
 * `rate_limited` or `realtime_unavailable` (both with `Retry-After`) unless every one was accepted.
 */
export type Broadcast = (
  channels: readonly string[],
  event: Pick<Envelope, "type" | "data">,
) => Promise<BroadcastRoute>;

type Attempt =
  | { result: "queued" }
  | { result: "limited"; retryAfter: string | null; reason: string }
  | { result: "failed" | "silent" | "refused" | "no endpoint"; reason: string };

/**
 * Two routes, either of which stands in for the other. REST is for up to two channels while this isolate does little else:
 * each has its own request, since Realtime's batch endpoint answers 202 even when it dropped a private topic, and every
 * refusal shows. The database is for all others, in one call; for channels that REST has no room for, since any stranger can
 * fill its request limit, which requests without a key count towards; and for a Realtime without the endpoint.
 */
export function createBroadcast(options: BroadcastOptions): Broadcast {
  let underWay = 0;
  let noEndpointUntil = 0;

  async function byDatabase(
    channels: readonly string[],
    envelope: Envelope,
    reasons: Set<string>,
  ): Promise<boolean> {
    try {
      await options.fromDatabase(channels, envelope);
      return true;
    } catch (error) {
      reasons.add(error instanceof Error ? error.message : "no answer from the database");
      return false;
    }
  }

  async function send(channels: readonly string[], envelope: Envelope): Promise<BroadcastRoute> {
    const reasons = new Set<string>();
    const databaseFirst = channels.length > MAX_REST_CHANNELS || underWay > MAX_REST_AT_ONCE ||
      options.now() < noEndpointUntil;
    if (databaseFirst && await byDatabase(channels, envelope, reasons)) return "database";

    const attempts = await byRest(channels, envelope, options);
    const left = channels.filter((_, index) => attempts[index]?.result !== "queued");
    if (left.length === 0) return "rest";
    for (const attempt of attempts) if ("reason" in attempt) reasons.add(attempt.reason);
    if (attempts.some(({ result }) => result === "no endpoint")) {
      noEndpointUntil = options.now() + NO_ENDPOINT_MS;
    }

    // What Realtime refuses for a reason of its own it would not take from the database either.
    const refused = attempts.some(({ result }) => result === "refused");
    if (!refused && !databaseFirst && await byDatabase(left, envelope, reasons)) return "database";
    throw failure(attempts, [...reasons].join("; "));
  }

  return async (channels, { type, data }) => {
    const envelope = {
      v: 1,
      id: crypto.randomUUID(),
      type,
      at: new Date(options.now()).toISOString(),
      data,
    } as const;
    underWay++;
    try {
      return await send(channels, envelope);
    } finally {
      underWay--;
    }
  };
}

function failure(attempts: Attempt[], reasons: string): HeddleError {
  const cause = new Error(`Realtime: ${reasons}`);
  const limited = attempts.find((attempt) => attempt.result === "limited");
  if (limited) {
    return new HeddleError("rate_limited", "Realtime takes no more messages for now; publish again later.", {
      headers: { "retry-after": limited.retryAfter ?? String(RETRY_AFTER_SECONDS) },
      cause,
    });
  }
  return new HeddleError(
    "realtime_unavailable",
    "Realtime did not accept the message; publish again later.",
    {
      headers: { "retry-after": String(RETRY_AFTER_SECONDS) },
      cause,
    },
  );
}

interface Message {
  channel: string;
  event: string;
  /** JSON. The top level is always our envelope: Realtime takes `private` from here if there is one, whatever the query says. */
  body: string;
}

/** What became of each channel, in their order. */
async function byRest(
  channels: readonly string[],
  envelope: Envelope,
  options: BroadcastOptions,
): Promise<Attempt[]> {
  const [event, body] = [envelope.type, JSON.stringify(envelope)];
  const firstTry = deadline(TRY_TIMEOUT_MS); // one timer, however many channels
  const attempts = await Promise.all(
    channels.map((channel) => post({ channel, event, body }, options, firstTry.signal)),
  );
  firstTry.end();
  return attempts;
}

async function post(message: Message, options: BroadcastOptions, firstTry: AbortSignal): Promise<Attempt> {
  let signal = firstTry;
  for (const delay of RETRY_DELAYS_MS) {
    const attempt = await tryPost(message, options, signal);
    if (attempt.result !== "failed") return attempt;
    await options.sleep(delay);
    signal = AbortSignal.timeout(TRY_TIMEOUT_MS);
  }
  return await tryPost(message, options, signal);
}

async function tryPost(message: Message, options: BroadcastOptions, signal: AbortSignal): Promise<Attempt> {
  const { supabaseUrl, secretKey } = options.project();
  const [topic, event] = [message.channel, message.event].map(encodeURIComponent);
  let response: Response;
  let text: string;
  try {
    response = await options.fetch(
      `${supabaseUrl}/realtime/v1/api/broadcast/${topic}/events/${event}?private=true`,
      {
        method: "POST",
        headers: { "content-type": "application/json", ...credentials(secretKey) },
        body: message.body,
        signal,
      },
    );
    if (response.ok) {
      leaveBody(response);
      return { result: "queued" };
    }
    text = await readBeginning(response.body, MAX_REASON_CHARACTERS, signal);
    signal.throwIfAborted();
  } catch (error) {
    // Whatever keeps an answer from coming is one failed try, and the caller counts those. The message would name the channel.
    const reason = error instanceof Error ? error.name : "no answer";
    return { result: reason === "TimeoutError" ? "silent" : "failed", reason };
  }
  const reason = `${response.status} ${beginningOf(text.replace(/[0-9a-f]{64}/g, "…"), 200)}`;
  if (response.status === 429) return { result: "limited", retryAfter: retryAfterOf(response), reason };
  if (response.status === 404) return { result: "no endpoint", reason };
  return { result: isPassing(response.status, text) ? "failed" : "refused", reason };
}

/** A project that was idle for days makes its partitions at the moment of the first message. */
function isPassing(status: number, text: string): boolean {
  return status >= 500 || (status === 422 && text.includes("Missing messages partition"));
}

function retryAfterOf(response: Response): string | null {
  const header = response.headers.get("retry-after");
  return header !== null && /^\d{1,5}$/.test(header) ? header : null;
}

/** Keys of the new kind are no JWTs; as a bearer token Realtime would refuse them. */
function credentials(key: string): Record<string, string> {
  return key.startsWith("eyJ") ? { apikey: key, authorization: `Bearer ${key}` } : { apikey: key };
}
