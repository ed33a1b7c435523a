import { type BroadcastEnvelope, REFRESH_EVENT } from "../../../../shared/channels.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import { deadline } from "../http/deadline.ts";

/** Milliseconds before the second and the third try. */
const RETRY_DELAYS_MS = [100, 400];
/** A Realtime that is well answers within milliseconds; the caller, who may not wait for long, is waiting for the second way. */
const TRY_TIMEOUT_MS = 3_000;
const RETRY_AFTER_SECONDS = 5;

export interface BroadcastOptions {
  supabaseUrl: string;
  secretKey: string;
  fetch: typeof globalThis.fetch;
  sleep(ms: number): Promise<void>;
  /** The second way: sends on all these channels from SQL, or rejects. */
  fromDatabase(channels: readonly string[], envelope: BroadcastEnvelope): Promise<void>;
}

type Attempt =
  | { result: "queued" }
  | { result: "limited"; retryAfter: string | null; reason: string }
  | { result: "failed" | "silent" | "refused"; reason: string };

/** The way the last channels went. */
export type BroadcastWay = "rest" | "database";

/**
 * Queues one refetch hint on every channel, in parallel. All channels are private, and each has its own request: Realtime's batch
 * endpoint answers 202 even when it dropped a private topic. Channels that REST has no room for, or can't be reached for, go
 * through the database, in one call: any stranger can fill REST's request limit, which requests without a key count towards.
 * Throws `rate_limited` or `realtime_unavailable` (both with `Retry-After`) unless every one was accepted.
 */
export async function broadcast(
  channels: readonly string[],
  options: BroadcastOptions,
): Promise<BroadcastWay> {
  const envelope: BroadcastEnvelope = {
    v: 1,
    id: crypto.randomUUID(),
    type: REFRESH_EVENT,
    at: new Date().toISOString(),
    data: {},
  };
  const body = JSON.stringify(envelope);
  const firstTry = deadline(TRY_TIMEOUT_MS); // one timer, however many channels
  const attempts = await Promise.all(
    channels.map((channel) => send(channel, body, options, firstTry.signal)),
  );
  firstTry.end();
  const left = channels.filter((_, index) => attempts[index]?.result !== "queued");
  if (left.length === 0) return "rest";

  const reasons = new Set(attempts.flatMap((attempt) => "reason" in attempt ? [attempt.reason] : []));
  // What Realtime refuses for a reason of its own it would not take from the database either.
  if (!attempts.some((attempt) => attempt.result === "refused")) {
    try {
      await options.fromDatabase(left, envelope);
      return "database";
    } catch (error) {
      reasons.add(error instanceof Error ? error.message : "no answer from the database");
    }
  }
  throw failure(attempts, [...reasons].join("; "));
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

async function send(
  channel: string,
  body: string,
  options: BroadcastOptions,
  firstTry: AbortSignal,
): Promise<Attempt> {
  let signal = firstTry;
  for (const delay of RETRY_DELAYS_MS) {
    const attempt = await trySend(channel, body, options, signal);
    if (attempt.result !== "failed") return attempt;
    await options.sleep(delay);
    signal = AbortSignal.timeout(TRY_TIMEOUT_MS);
  }
  return await trySend(channel, body, options, signal);
}

async function trySend(
  channel: string,
  body: string,
  options: BroadcastOptions,
  signal: AbortSignal,
): Promise<Attempt> {
  const { supabaseUrl, secretKey } = options;
  const topic = encodeURIComponent(channel);
  const url = `${supabaseUrl}/realtime/v1/api/broadcast/${topic}/events/${REFRESH_EVENT}?private=true`;
  let response: Response;
  let text: string;
  try {
    response = await options.fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...credentials(secretKey) },
      body,
      signal,
    });
    if (response.ok) {
      await response.body?.cancel();
      return { result: "queued" };
    }
    text = await response.text();
  } catch (error) {
    // Whatever keeps an answer from coming is one failed try, and the caller counts those. The message would name the channel.
    const reason = error instanceof Error ? error.name : "no answer";
    return { result: reason === "TimeoutError" ? "silent" : "failed", reason };
  }
  const reason = `${response.status} ${text.replace(/[0-9a-f]{64}/g, "…").slice(0, 200)}`;
  if (response.status === 429) return { result: "limited", retryAfter: retryAfterOf(response), reason };
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
