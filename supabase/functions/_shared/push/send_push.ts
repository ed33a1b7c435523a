import { leaveBody } from "../http/in_time.ts";
import { secondsToWait } from "../http/retry_after.ts";
import { isExempt, targetProblem, type TargetRules } from "../net/target.ts";
import { encryptPush, MAX_PUSH_BYTES, type PushKeys } from "./encrypt.ts";

/** For all of it: others wait until a round is over, and strangers say which servers are asked. */
const TIMEOUT_MS = 5_000;
/** A browser said the URL, and anybody can: no owner is told how to allow another one. */
const NO_EXCEPTION = "";
/** Below what the strictest service takes of a message that another one refused as too long. */
const SHORT_BYTES = 1500;

export interface Push {
  endpoint: string;
  keys: PushKeys;
  message: PushMessage;
  /** Replaces what has not been delivered yet of the same one: at most 32 characters of base64url. */
  topic: string;
  urgency: "very-low" | "low" | "normal" | "high";
  /** Seconds that the service keeps it for a device that is away. */
  ttl: number;
}

/** What the service worker of the inbox reads, or of the visitor's site. */
export interface PushMessage {
  title: string;
  body: string;
  agentId: string;
  /** `null`: it is about none. */
  conversationId: string | null;
  /** To a visitor: the page of the site where they wrote. */
  url?: string;
}

/**
 * `gone`: the browser has unsubscribed. `refused`: the same message would be again. `failed`: another time perhaps, after
 * `retryAfter` seconds if the service said so.
 */
export type PushOutcome =
  | { kind: "sent" }
  | { kind: "gone" }
  | { kind: "refused"; error: string }
  | { kind: "failed"; error: string; retryAfter: number | null };

export interface PushDependencies extends TargetRules {
  fetch: typeof globalThis.fetch;
  /** The header `authorization` for a service. */
  authorization(endpoint: URL): Promise<string>;
}

/**
 * Sends one push message (RFC 8030), shorter once if it was too long. The endpoint is what a browser said: https at port 443 of
 * a public address, or it is refused; `privateHosts` are those of tests.
 */
export async function sendPush(push: Push, dependencies: PushDependencies): Promise<PushOutcome> {
  if (!URL.canParse(push.endpoint)) return refused("The endpoint must be a URL.");
  const url = new URL(push.endpoint);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const problem = await targetProblem(url, dependencies, signal, "push service", NO_EXCEPTION);
    if (problem) {
      return problem.kind === "target_refused" ? refused(problem.detail) : failed(problem.detail);
    }
    if (url.port !== "" && !isExempt(url, dependencies)) {
      return refused("The push service URL must name a host at port 443.");
    }
    const text = shortened(push.message, MAX_PUSH_BYTES);
    const response = await post(url, push, text, dependencies, signal);
    if (response.status !== 413) return outcomeOf(response);
    const shorter = shortened(push.message, SHORT_BYTES);
    return outcomeOf(shorter === text ? response : await post(url, push, shorter, dependencies, signal));
  } catch (error) {
    if (error instanceof DOMException && error.name !== "TimeoutError") {
      return refused("The browser's keys must be a point of P-256 and 16 bytes.");
    }
    return failed("The push service did not answer.");
  }
}

async function post(
  url: URL,
  { keys, topic, urgency, ttl }: Push,
  text: string,
  { fetch, authorization }: PushDependencies,
  signal: AbortSignal,
): Promise<Response> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "authorization": await authorization(url),
      "content-encoding": "aes128gcm",
      "content-type": "application/octet-stream",
      "ttl": String(ttl),
      "topic": topic,
      "urgency": urgency,
    },
    body: await encryptPush(keys, text),
    redirect: "manual",
    signal,
  });
  leaveBody(response);
  return response;
}

function outcomeOf({ status, headers }: Response): PushOutcome {
  if (status >= 200 && status < 300) return { kind: "sent" };
  if (status === 404 || status === 410) return { kind: "gone" };
  const error = `The push service answered ${status}.`;
  if (status !== 429 && status < 500) return refused(error);
  return { kind: "failed", error, retryAfter: secondsToWait(headers.get("retry-after"), Date.now()) };
}

/** As JSON of at most so many bytes; of a longer message the end is left out. */
function shortened(message: PushMessage, maxBytes: number): string {
  const sized = (characters: string[]) => JSON.stringify({ ...message, body: characters.join("") });
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  const characters = [...message.body];
  while (characters.length > 0 && bytes(sized(characters)) > maxBytes) {
    characters.length = Math.floor(characters.length * 0.8);
    if (characters.length > 0) characters[characters.length - 1] = "…";
  }
  return sized(characters);
}

function refused(error: string): PushOutcome {
  return { kind: "refused", error };
}

function failed(error: string): PushOutcome {
  return { kind: "failed", error, retryAfter: null };
}
