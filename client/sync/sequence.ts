import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";

/** A source refuses to tell changes one by one from so far back; more that wait are not worth keeping. */
const MOST_HELD = 200;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const QUIET = 100 * SECOND;
const LONGEST_QUIET = 10 * MINUTE;

/**
 * The numbered changes of one resource, each applied once and in order (docs/realtime.md, rules 12 and 13).
 * It fetches nothing itself.
 */
export interface Sequence<Change> {
  /** Number of the newest change that is applied; `null` before the first page. */
  readonly last: number | null;
  /** True if changes are known to be missing. */
  readonly isBehind: boolean;
  /** All that was heard together as this number. Applies it if it is next, drops what is old, else holds it. */
  receive(number: number, changes: Change[]): void;
  /** The connection was lost or made: what is heard from now on waits for a fetch that starts later. */
  hold(): void;
  /** What a fetch that started then brought is applied, and shows the resource as of that number. */
  reached(number: number, startedAt: number): void;
  /** What is shown is of no use: a first page takes its place. */
  restart(): void;
}

export interface SequenceSetup<Change> {
  environment: Pick<Environment, "nextInOrder">;
  apply(change: Change): void;
  /** Something after `last` is missing. Told with each change that shows it. */
  onGap(): void;
}

export function createSequence<Change>(
  { environment, apply, onGap }: SequenceSetup<Change>,
): Sequence<Change> {
  const held = new Map<number, Change[]>();
  let last: number | null = null;
  /** The highest that was heard of: what is too much to be held is missing all the same. */
  let highest = 0;
  /** Place in order of the loss that is not caught up with. */
  let heldSince: number | null = null;

  function applyNext() {
    if (last === null || heldSince !== null) return;
    for (let next = held.get(last + 1); next; next = held.get(last + 1)) {
      last += 1;
      held.delete(last);
      next.forEach(apply);
    }
  }

  return {
    get last() {
      return last;
    },
    get isBehind() {
      return last !== null && highest > last;
    },
    receive(number, changes) {
      if (last !== null && number <= last) return;
      highest = Math.max(highest, number);
      if (!held.has(number)) held.set(number, changes);
      applyNext();
      if (held.size > MOST_HELD) held.clear();
      if (last !== null && heldSince === null && highest > last) onGap();
    },
    hold() {
      heldSince = environment.nextInOrder();
    },
    reached(number, startedAt) {
      last = Math.max(number, last ?? 0);
      highest = Math.max(highest, last);
      for (const each of held.keys()) if (each <= last) held.delete(each);
      if (heldSince !== null && heldSince < startedAt) heldSince = null;
      applyNext();
    },
    restart() {
      last = null;
      highest = 0;
      held.clear();
    },
  };
}

export interface QuietCheck {
  /** Something came, by an event or an answer. */
  heard(): void;
  /** Somebody used the page. */
  used(): void;
}

export interface QuietCheckSetup {
  environment: Pick<Environment, "now" | "page">;
  scope: Scope;
  ask(): void;
}

/**
 * Asks where nothing is heard, since a loss that nothing follows shows in no number: every 100 s until ten
 * minutes after the last use, then ever more rarely, down to every ten minutes.
 */
export function createQuietCheck({ environment, scope, ask }: QuietCheckSetup): QuietCheck {
  let usedAt = environment.now();
  let delay = QUIET;
  let cancel = () => {};

  function wait() {
    cancel();
    cancel = scope.after(delay, () => {
      const isUsed = environment.now() - usedAt < LONGEST_QUIET;
      delay = isUsed ? QUIET : Math.min(2 * delay, LONGEST_QUIET);
      if (environment.page.isVisible()) ask();
      wait();
    });
  }

  wait();
  return {
    heard: wait,
    used() {
      usedAt = environment.now();
      if (delay === QUIET) return;
      delay = QUIET;
      wait();
    },
  };
}
