/** What one connection may do, and all of one reader's together. */
import { HeddleError } from "../shared/errors.ts";

/** Subscriptions of one key in a gateway, over all its connections. */
export const MOST_OF_READER = 1_000;
/** Connections in a gateway of one key, of all tickets that it was given, and of one member. */
export const MOST_CONNECTIONS = { key: 2_000, member: 100 };

/** Unsent bytes with which somebody is too slow. */
export const MOST_UNSENT = 1024 * 1024;
/** While somebody catches up they get more once no more than this is unsent. */
export const FEW_UNSENT = 64 * 1024;

/** `retryAfter`: seconds. */
export function rateLimited(retryAfter = 1): HeddleError {
  return new HeddleError("rate_limited", "Wait, then try again.", {
    headers: { "retry-after": String(retryAfter) },
  });
}

export interface Bucket {
  /** Milliseconds until there is a token again; 0: one was taken. */
  take(): number;
  /** Puts back one that was taken for nothing. */
  give(): void;
}

interface BucketSetup {
  /** Tokens a second. */
  rate: number;
  burst: number;
  /** Milliseconds. */
  now(): number;
}

export function createBucket({ rate, burst, now }: BucketSetup): Bucket {
  let tokens = burst;
  let at = now();
  return {
    take() {
      const time = now();
      tokens = Math.min(burst, tokens + (time - at) / 1000 * rate);
      at = time;
      if (tokens < 1) return Math.ceil((1 - tokens) / rate * 1000);
      tokens--;
      return 0;
    },
    give() {
      tokens = Math.min(burst, tokens + 1);
    },
  };
}

/** How many things each of some holders has; those who have none are forgotten. */
export class Tally {
  readonly #counts = new Map<string, number>();

  get holders(): number {
    return this.#counts.size;
  }

  names(): string[] {
    return [...this.#counts.keys()];
  }

  of(holder: string): number {
    return this.#counts.get(holder) ?? 0;
  }

  add(holder: string, change: number): void {
    const count = this.of(holder) + change;
    if (count > 0) this.#counts.set(holder, count);
    else this.#counts.delete(holder);
  }
}
