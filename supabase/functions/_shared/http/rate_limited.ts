import { HeddleError } from "../../../../shared/errors.ts";

/** `retryAfter` in seconds. */
export function rateLimited(retryAfter: number): HeddleError {
  return new HeddleError("rate_limited", "Too many requests; wait before the next one.", {
    headers: { "retry-after": String(Math.max(1, Math.ceil(retryAfter))) },
  });
}
