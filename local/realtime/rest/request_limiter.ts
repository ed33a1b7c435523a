import type { Clock } from "../clock.ts";

const SECOND_MS = 1000;
/** Seconds that the mean goes over, once so many have passed. */
const WINDOW = 60;

export interface RequestRate {
  /** Requests per second, rounded down: the mean of the seconds that have passed, sixty of them at most. */
  rolling: number;
  limit: number;
  exceeded: boolean;
}

/**
 * Counts every request to the REST endpoints, before anybody asks who sent it, and those that are refused as well.
 * Source: supabase/realtime, lib/realtime_web/plugs/{assign_tenant,rate_limiter}.ex.
 */
export class RequestLimiter {
  readonly #clock: Clock;
  #limit: number;
  /** Requests by second; the last one is under way. */
  #seconds = [0];
  #startedAt: number;

  /** `limit` in requests per second; 0 is none. */
  constructor(clock: Clock, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#startedAt = clock.now();
  }

  /** Counts anew, with another limit. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#seconds = [0];
    this.#startedAt = this.#clock.now();
  }

  /** Counts one request; `null` where nothing is limited. */
  count(): RequestRate | null {
    if (this.#limit === 0) return null;
    this.#catchUp();
    const current = this.#seconds.length - 1;
    this.#seconds[current] = (this.#seconds[current] ?? 0) + 1;
    const passed = this.#seconds.slice(0, -1);
    const total = passed.reduce((sum, requests) => sum + requests, 0);
    const rolling = Math.floor(total / Math.max(passed.length, 1));
    return { rolling, limit: this.#limit, exceeded: rolling >= this.#limit };
  }

  #catchUp(): void {
    const passed = Math.floor((this.#clock.now() - this.#startedAt) / SECOND_MS);
    this.#startedAt += passed * SECOND_MS;
    const idle: number[] = Array(Math.min(passed, WINDOW + 1)).fill(0);
    this.#seconds = [...this.#seconds, ...idle].slice(-WINDOW - 1);
  }
}
