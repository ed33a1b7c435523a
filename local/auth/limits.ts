import { AuthError } from "./answers.ts";

const WINDOW_MS = 5 * 60_000;
const MAX_BURST = 30;
const MAX_ADDRESSES = 1000;

/** Spends one request of the address that it came from; throws once that has none left. */
export type RateLimit = (request: Request) => void;

/**
 * Lets an address make `requests` in five minutes, of which 30 at once. Source: supabase/auth, internal/api/apilimiter. As in Auth
 * a request is counted by its `x-forwarded-for`, and one without is not: this machine's browsers and tests have no limit.
 */
export function createRateLimit(requests: number, now: () => number): RateLimit {
  const capacity = Math.min(requests, MAX_BURST);
  const buckets = new Map<string, { left: number; at: number }>();

  return ({ headers }) => {
    const [address = ""] = (headers.get("x-forwarded-for") ?? "").split(",");
    if (!address) return;
    const { left, at } = buckets.get(address) ?? { left: capacity, at: now() };
    const refilled = Math.min(capacity, left + (now() - at) * requests / WINDOW_MS);
    if (refilled < 1) throw new AuthError(429, "over_request_rate_limit", "Request rate limit reached");
    buckets.delete(address);
    buckets.set(address, { left: refilled - 1, at: now() });
    const [oldest] = buckets.keys();
    if (buckets.size > MAX_ADDRESSES && oldest !== undefined) buckets.delete(oldest);
  };
}
