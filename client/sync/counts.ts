import type { Result } from "../http/problem.ts";
import { type ReadonlySignal, signal } from "../platform/emitter.ts";
import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";

const BETWEEN_COUNTS = 10_000;

/** How many rows views have: what the server counted last, and nothing that was added up here. */
export interface Counts<Value> {
  /** `null` until it has been counted. */
  readonly state: ReadonlySignal<Value | null>;
  /** Something changed that may be counted: asks, at most every ten seconds. */
  changed(): void;
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
  let isResting = false;
  let isDue = false;
  let isAsking = false;
  let hasActed = false;
  let cancelRest = (): void => undefined;

  async function ask(): Promise<void> {
    cancelRest();
    isResting = true;
    isAsking = true;
    isDue = false;
    hasActed = false;
    const startedAt = environment.now();
    const result = await count();
    if (scope.ended) return;
    isAsking = false;
    if (result.ok) state.value = result.value;
    else isDue = true;
    if (hasActed && result.ok) return await ask();
    cancelRest = scope.after(Math.max(0, startedAt + BETWEEN_COUNTS - environment.now()), rest);
  }

  /** A hidden page, whose counts nobody sees, asks when something changes after it is looked at. */
  function rest() {
    isResting = false;
    if (isDue && environment.page.isVisible()) void ask();
  }

  return {
    state,
    changed() {
      isDue = true;
      if (!isResting) void ask();
    },
    acted() {
      isDue = true;
      hasActed = true;
      if (!isAsking) void ask();
    },
  };
}
