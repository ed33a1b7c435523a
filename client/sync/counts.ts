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

  async function ask(): Promise<void> {
    isResting = true;
    isDue = false;
    const startedAt = environment.now();
    const result = await count();
    if (scope.ended) return;
    if (result.ok) state.value = result.value;
    else isDue = true;
    scope.after(Math.max(0, startedAt + BETWEEN_COUNTS - environment.now()), rest);
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
  };
}
