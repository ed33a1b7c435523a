import { between, pollDelay } from "../platform/delays.ts";
import type { Environment } from "../platform/environment.ts";
import { nextInOrder } from "./request_order.ts";
import type { Scope } from "../platform/scope.ts";

const SECOND = 1000;
const HINTS_PER_SECOND = 3;
const SECOND_LOOK = 1500;
const RECONNECT_JITTER = 3000;

/** `refused`: asking again gives the same. */
export type FetchOutcome = "changed" | "unchanged" | "failed" | "refused";

/** Decides when one resource is fetched (docs/realtime.md, rule 1–3). Never more than one fetch in flight. */
export interface Refetcher {
  /** Somebody wants to see it: fetches, unless a fetch is on its way. */
  ensure(): void;
  /** What is shown is known to be old: fetches now, or once more when the one in flight ends. */
  refetch(): void;
  /** A broadcast said that something changed. */
  hint(): void;
  /** Something was written that a broadcast should tell of: fetches if 1.5 s later none has come, unless `isShown`. */
  expectHint(isShown: () => boolean): void;
  /** Its channel was subscribed; `again` after a reconnect. */
  subscribed(again: boolean): void;
}

/**
 * `fetch` gets its place in the order of starts, so that it can tell a stale answer. If it rejects, the fetch has failed
 * and the console shows why, once until one succeeds.
 */
export function createRefetcher(
  environment: Environment,
  scope: Scope,
  fetch: (startedAt: number) => Promise<FetchOutcome>,
): Refetcher {
  let inFlight = false;
  let dirty: "hint" | "other" | null = null;
  let startedAt = 0;
  let startTime = -Infinity;
  let hintTimes: number[] = [];
  let cancelCoalesced: (() => void) | null = null;
  let cancelSecondLook: (() => void) | null = null;
  let cancelExpectation: (() => void) | null = null;
  let failures = 0;
  let reported = false;
  let cancelRetry: (() => void) | null = null;

  async function start(cause: "hint" | "other") {
    if (scope.ended) return;
    if (inFlight) {
      if (dirty !== "hint") dirty = cause;
      return;
    }
    inFlight = true;
    startedAt = nextInOrder();
    startTime = environment.now();
    cancelCoalesced?.();
    cancelCoalesced = null;
    cancelRetry?.();
    if (cause === "hint") cancelSecondLook?.();
    const outcome = await attempt();
    inFlight = false;
    const next = dirty;
    dirty = null;
    failures = outcome === "failed" ? failures + 1 : 0;
    if (next) void start(next);
    else if (outcome === "failed") retryLater(cause);
    // The owner may read from a replica that lags behind the write that caused the hint.
    else if (cause === "hint" && outcome === "unchanged") {
      cancelSecondLook = scope.after(SECOND_LOOK, () => start("other"));
    }
  }

  /** What is wrong in here must not end all fetches to come. */
  async function attempt(): Promise<FetchOutcome> {
    try {
      const outcome = await fetch(startedAt);
      reported = false;
      return outcome;
    } catch (error) {
      if (!reported) environment.warn("A fetch failed.", error);
      reported = true;
      return "failed";
    }
  }

  /** A hint is not repeated, so a failure must not be the last word. A hidden page catches up when it is looked at. */
  function retryLater(cause: "hint" | "other") {
    cancelRetry = scope.after(pollDelay(failures - 1, environment.random), () => {
      if (environment.page.isVisible()) void start(cause);
    });
  }

  return {
    ensure() {
      if (!inFlight) void start("other");
    },
    refetch: () => void start("other"),
    hint() {
      const now = environment.now();
      hintTimes = [...hintTimes.filter((time) => time > now - SECOND), now];
      const wait = startTime + SECOND - now;
      if (hintTimes.length <= HINTS_PER_SECOND || wait <= 0) return void start("hint");
      cancelCoalesced ??= scope.after(wait, () => {
        cancelCoalesced = null;
        void start("hint");
      });
    },
    expectHint(isShown) {
      const writtenAt = nextInOrder();
      const lookLater = () => {
        cancelExpectation?.();
        cancelExpectation = scope.after(SECOND_LOOK, look);
      };
      const look = () => {
        if (inFlight) lookLater();
        else if (startedAt < writtenAt && !isShown()) void start("other");
      };
      lookLater();
    },
    subscribed(again) {
      const subscribedAt = nextInOrder();
      const catchUp = () => {
        if (startedAt < subscribedAt) void start("other");
      };
      if (again) scope.after(between(0, RECONNECT_JITTER, environment.random), catchUp);
      else catchUp();
    },
  };
}
