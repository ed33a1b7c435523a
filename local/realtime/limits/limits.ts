import type { Clock } from "../clock.ts";
import type { Settings } from "../settings.ts";
import { Rate } from "./rate.ts";

/** What a project counts per second. Source: supabase/realtime, lib/realtime/tenants.ex. */
export interface Limits {
  /** Requests to the REST endpoints, whoever sent them, and those that are refused as well. */
  requests: Rate;
  /** Joins that were let through to the token's check. */
  joins: Rate;
  /** Every message that was accepted, and every delivery of it: one to fifty listeners is fifty-one. */
  messages: Rate;
  /** Presence states sent and presences tracked. */
  presence: Rate;
}

export type LimitSettings = Pick<
  Settings,
  "requestsPerSecond" | "joinsPerSecond" | "messagesPerSecond" | "presencePerSecond"
>;

/** Counters whose limits are those that `settings` hold at the moment. */
export function createLimits(clock: Clock, settings: LimitSettings): Limits {
  return {
    requests: new Rate(clock, () => settings.requestsPerSecond),
    joins: new Rate(clock, () => settings.joinsPerSecond),
    messages: new Rate(clock, () => settings.messagesPerSecond),
    presence: new Rate(clock, () => settings.presencePerSecond),
  };
}

export function restartLimits(limits: Limits): void {
  for (const rate of [limits.requests, limits.joins, limits.messages, limits.presence]) rate.restart();
}

/** Lets so many calls through in each window; the first call after a window begins the next one. */
export class CallLimit {
  readonly #clock: Clock;
  readonly #calls: number;
  readonly #windowMs: number;
  #count = 0;
  #endsAt = -Infinity;

  constructor(clock: Clock, { calls, windowMs }: { calls: number; windowMs: number }) {
    this.#clock = clock;
    this.#calls = calls;
    this.#windowMs = windowMs;
  }

  /** Counts a call; `false` if it is one too many. */
  allow(): boolean {
    if (this.#clock.now() > this.#endsAt) {
      this.#endsAt = this.#clock.now() + this.#windowMs;
      this.#count = 0;
    }
    if (this.#count >= this.#calls) return false;
    this.#count++;
    return true;
  }
}
