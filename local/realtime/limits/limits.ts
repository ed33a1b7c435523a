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
