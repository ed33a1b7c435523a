import type { Result } from "../http/problem.ts";
import { type ReadonlySignal, signal } from "../platform/emitter.ts";
import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";

/** Milliseconds from one count to the next. */
const BETWEEN_COUNTS = 10_000;
/** The same where the numbers may be wrong. */
const BETWEEN_DOUBTS = 3000;
/** Of what is told so soon after a count was asked for, nobody knows whether it was counted. */
const SETTLING = 1000;

/** How many rows views have: what the server counted last, with what was told since. */
export interface Counts<Value> {
  /** `null` until it has been counted. */
  readonly state: ReadonlySignal<Value | null>;
  /** Something changed that may be counted: asks, at most every ten seconds. */
  changed(): void;
  /** As `changed`, and what it makes of the numbers shows at once. */
  told(step: (counted: Value) => Value): void;
  /** Something changed, and by how much the numbers are off is not known: asks, at most every three seconds. */
  doubted(): void;
  /** The reader did it: asks at once, as people do not act that often. */
  acted(): void;
}

export interface CountsSetup<Value> {
  environment: Pick<Environment, "now" | "page">;
  scope: Scope;
  count(): Promise<Result<Value>>;
}

export function createCounts<Value>({ environment, scope, count }: CountsSetup<Value>): Counts<Value> {
  const state = signal<Value | null>(null);
  let startedAt = -Infinity;
  let isResting = false;
  let isDue = false;
  let isDoubted = false;
  let isAsking = false;
  let hasActed = false;
  let cancelRest = (): void => undefined;

  async function ask(): Promise<void> {
    cancelRest();
    isResting = true;
    isAsking = true;
    isDue = false;
    isDoubted = false;
    hasActed = false;
    startedAt = environment.now();
    const result = await count();
    if (scope.ended) return;
    isAsking = false;
    if (result.ok) state.value = result.value;
    else isDue = true;
    if (hasActed && result.ok) return await ask();
    restAfresh();
  }

  function restAfresh() {
    cancelRest();
    const between = isDoubted ? BETWEEN_DOUBTS : BETWEEN_COUNTS;
    cancelRest = scope.after(Math.max(0, startedAt + between - environment.now()), rest);
  }

  /** A hidden page, whose counts nobody sees, asks when something changes after it is looked at. */
  function rest() {
    isResting = false;
    if (isDue && environment.page.isVisible()) void ask();
  }

  function changed() {
    isDue = true;
    if (!isResting) void ask();
  }

  function doubted() {
    const isNew = isResting && !isDoubted;
    changed();
    if (!isNew) return;
    isDoubted = true;
    if (!isAsking) restAfresh();
  }

  return {
    state,
    changed,
    told(step) {
      const isUncertain = isAsking || environment.now() - startedAt < SETTLING;
      if (state.value !== null) state.value = step(state.value);
      if (isUncertain) doubted();
      else changed();
    },
    doubted,
    acted() {
      isDue = true;
      hasActed = true;
      if (!isAsking) void ask();
    },
  };
}
