import { between, pollDelay } from "../platform/delays.ts";
import type { Environment } from "../platform/environment.ts";
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
  /**
   * Something was written that a broadcast should tell of: fetches if 1.5 s later none has come, unless
   * `isShown`.
   */
  expectHint(isShown: () => boolean): void;
  /** Its channel was subscribed; `again` after a reconnect. */
  subscribed(again: boolean): void;
}

type Fetch = (startedAt: number, oneHint: boolean) => Promise<FetchOutcome>;

/**
 * `fetch` gets its place in the order of starts, so that it can tell a stale answer, and whether nothing but
 * one hint has caused it. If it rejects, the fetch has failed and the console shows why, once until one
 * succeeds.
 */
export function createRefetcher(environment: Environment, scope: Scope, fetch: Fetch): Refetcher {
  let inFlight = false;
  let dirty = false;
  let startedAt = 0;
  const attempt = reportingOnce(environment, fetch);
  const hints = createHintPace(environment, scope, () => void start());
  /** There may be more to find than what one hint tells of. */
  let looksForAll = false;
  /** A fetch after a hint found nothing new. */
  let owesLook = false;
  let cancelSecondLook: (() => void) | null = null;
  let cancelExpectation: (() => void) | null = null;
  let failures = 0;
  let cancelRetry: (() => void) | null = null;

  function refetch() {
    looksForAll = true;
    void start();
  }

  async function start() {
    if (scope.ended) return;
    dirty = inFlight;
    if (inFlight) return;
    inFlight = true;
    startedAt = environment.nextInOrder();
    const hinted = hints.served();
    const oneHint = hinted === 1 && !looksForAll && !owesLook && !failures;
    looksForAll = false;
    cancelRetry?.();
    const outcome = await attempt(startedAt, oneHint);
    inFlight = false;
    failures = outcome === "failed" ? failures + 1 : 0;
    owesLook ||= outcome === "unchanged" && hinted > 0;
    if (dirty) void start();
    else if (failures) {
      // Nobody repeats a hint. A hidden page fetches when it becomes visible.
      cancelRetry = scope.after(pollDelay(failures - 1, environment.random), () => {
        if (environment.page.isVisible()) void start();
      });
    } // The owner may read from a replica that lags behind the write that caused the hint.
    else if (owesLook) {
      cancelSecondLook?.();
      cancelSecondLook = scope.after(SECOND_LOOK, () => {
        owesLook = false;
        refetch();
      });
    }
  }

  return {
    ensure() {
      if (!inFlight) refetch();
    },
    refetch,
    hint: hints.hint,
    expectHint(isShown) {
      const writtenAt = environment.nextInOrder();
      const look = () => {
        cancelExpectation?.();
        cancelExpectation = scope.after(SECOND_LOOK, () => {
          if (inFlight) look();
          else if (startedAt < writtenAt && !isShown()) refetch();
        });
      };
      look();
    },
    subscribed(again) {
      const subscribedAt = environment.nextInOrder();
      const catchUp = () => {
        if (startedAt < subscribedAt) refetch();
      };
      if (again) scope.after(between(0, RECONNECT_JITTER, environment.random), catchUp);
      else catchUp();
    },
  };
}

/** Acts on a hint at once, but above three a second once a second, and on the last one in any case. */
function createHintPace(environment: Environment, scope: Scope, act: () => void) {
  let times: number[] = [];
  let servedAt = -Infinity;
  let waiting = 0;
  let cancel: (() => void) | null = null;
  return {
    /** A fetch starts: what was hinted at so far, so often, will be in it. */
    served(): number {
      const count = waiting;
      waiting = 0;
      servedAt = environment.now();
      cancel?.();
      cancel = null;
      return count;
    },
    hint() {
      waiting++;
      const now = environment.now();
      // A clock that was put back has left times in the future.
      times = [...times.filter((time) => time > now - SECOND && time <= now), now];
      const wait = servedAt > now ? 0 : servedAt + SECOND - now;
      if (times.length <= HINTS_PER_SECOND || wait <= 0) return act();
      cancel ??= scope.after(wait, () => {
        cancel = null;
        act();
      });
    },
  };
}

/** `fetch`, but failed where it rejects: what is wrong in one fetch must not end all fetches to come. */
function reportingOnce(environment: Environment, fetch: Fetch): Fetch {
  let reported = false;
  const report = (error: unknown): FetchOutcome => {
    if (!reported) environment.warn("A fetch failed.", error);
    reported = true;
    return "failed";
  };
  return (...start) =>
    fetch(...start).then((outcome) => {
      reported = false;
      return outcome;
    }, report);
}
