import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { type BoundedMap, createBoundedMap } from "../../shared/bounded_map.ts";
import { HeddleError } from "../../shared/errors.ts";
import { isObject } from "../../shared/envelope.ts";
import { type Bucket, createBucket, rateLimited } from "../limits.ts";

const MAX_TOKEN_CHARACTERS = 8_192;
/** Of one address, about tokens that turn out bad: as fast as those may be shown at all, and fewer at once. */
const QUESTIONS = { rate: 1, burst: 60 };
/** How long an answer is remembered, in milliseconds, and of how many tokens and addresses. */
const REMEMBERED_MS = 60_000;
const MOST_REMEMBERED = 10_000;

export interface User {
  id: string;
  /** When their access token ends, in milliseconds. */
  endsAt: number | null;
}

/** Whose access token this is, as Supabase Auth says; `null` for a bad one. */
export type UserOf = (accessToken: string) => Promise<User | null>;

/**
 * Asks Auth about access tokens so that nobody can make it ask without end: not about what is none, nor again about one that was
 * just refused or is asked about already, and of one address only so many that may be bad. Throws `rate_limited`, and `unavailable` if Auth does
 * not answer, or has enough of all of us.
 */
export function createQuestions(userOf: UserOf, now = () => performance.now()) {
  const remember = <Value>(): BoundedMap<string, Value> =>
    createBoundedMap({ maxSize: MOST_REMEMBERED, ttlMs: REMEMBERED_MS, now });
  const judged = remember<"good" | "bad">();
  const buckets = remember<Bucket>();

  function bucketOf(address: string): Bucket {
    const bucket = buckets.get(address) ?? createBucket({ ...QUESTIONS, now });
    buckets.set(address, bucket);
    return bucket;
  }

  async function judge(token: string, hash: string, addressHash: string | null): Promise<User | null> {
    const judgement = judged.get(hash);
    if (judgement === "bad" || !mayBeGood(token)) return null;
    // One that was good a moment ago is nobody's guess: whoever shares an address with a guesser comes back.
    const bucket = addressHash === null || judgement === "good" ? null : bucketOf(addressHash);
    const waitMs = bucket?.take() ?? 0;
    if (waitMs > 0) throw rateLimited(Math.ceil(waitMs / 1000));
    const user = await userOf(token).catch((cause: unknown) => {
      bucket?.give();
      throw new HeddleError("unavailable", "Auth does not say whose token this is just now: try again.", {
        headers: { "retry-after": "5" },
        cause,
      });
    });
    judged.set(hash, user ? "good" : "bad");
    if (user) bucket?.give();
    return user;
  }

  /** By token: whoever comes with one that is asked about now waits for the same answer. */
  const asking = new Map<string, Promise<User | null>>();
  return (token: string, addressHash: string | null): Promise<User | null> => {
    const hash = sha256(token);
    const asked = asking.get(hash);
    if (asked) return asked;
    const answer = judge(token, hash, addressHash).finally(() => asking.delete(hash));
    asking.set(hash, answer);
    return answer;
  };
}

/** Whether it looks as an access token of Auth does. */
function mayBeGood(token: string): boolean {
  const [, payload = ""] = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token) ?? [];
  if (token.length > MAX_TOKEN_CHARACTERS || payload === "") return false;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
    return isObject(claims) && typeof claims.exp === "number";
  } catch {
    return false;
  }
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
