import { isTemporary, type Result } from "../http/problem.ts";
import { backoff } from "../platform/delays.ts";
import type { Environment } from "../platform/environment.ts";
import type { Scope } from "../platform/scope.ts";

const BETWEEN_REPORTS = 1000;
const LONGEST_RETRY = 60_000;

export type Side = "visitor" | "team";

/** How far a side has come: places of messages. */
export interface Marks {
  readonly read: number;
  readonly delivered: number;
}

export type BothMarks = Readonly<Record<Side, Marks>>;

export const NO_MARKS: BothMarks = {
  visitor: { read: 0, delivered: 0 },
  team: { read: 0, delivered: 0 },
};

/** `seen` was on a screen that somebody looked at, `delivered` in a page's hands, `sent` in the store. */
export type Receipt = "sent" | "delivered" | "seen";

/** Marks only ever move forward. */
export function forward(former: Marks, { read = 0, delivered = 0 }: Partial<Marks>): Marks {
  const next = Math.max(former.read, read);
  return { read: next, delivered: Math.max(former.delivered, delivered, next) };
}

/** Both sides, each at least as far as one of the two tells. */
export function forwardBoth(former: BothMarks, next: Partial<BothMarks>): BothMarks {
  return {
    visitor: forward(former.visitor, next.visitor ?? {}),
    team: forward(former.team, next.team ?? {}),
  };
}

export function receiptAt(place: number, { read, delivered }: Marks): Receipt {
  if (place <= read) return "seen";
  return place <= delivered ? "delivered" : "sent";
}

/** Reports how far the viewer has come: at most once a second, and each place once. */
export interface Reporter {
  /** The viewer's side is there already. */
  known(marks: Marks): void;
  /** The page holds messages by others up to that place. Told a second later: seen is delivered as well. */
  delivered(place: number): void;
  /** The viewer sees messages by others up to that place. */
  seen(place: number): void;
  /** What was seen before counted for somebody else: it is reported anew once it is seen. */
  unseen(): void;
  /** What was refused may be reported once more. */
  retry(): void;
}

export interface ReporterSetup {
  environment: Pick<Environment, "now" | "random">;
  scope: Scope;
  /** Says that messages by others were seen up to that place. */
  read(place: number): Promise<Result<unknown>>;
  /** Says that they arrived. */
  deliver(place: number): Promise<Result<unknown>>;
}

export function createReporter({ environment, scope, read, deliver }: ReporterSetup): Reporter {
  let wanted = NO_MARKS.team;
  let told = NO_MARKS.team;
  let isWaiting = false;
  let cancelDelay: (() => void) | null = null;
  let failures = 0;
  let refused = false;
  let turn = 0;

  async function report() {
    cancelDelay?.();
    cancelDelay = null;
    if (isWaiting || refused || scope.ended) return;
    const { read: seen, delivered } = wanted;
    if (seen <= told.read && delivered <= told.delivered) return;
    isWaiting = true;
    const startedAt = environment.now();
    const isRead = seen > told.read;
    const asOf = turn;
    const result = await (isRead ? read(seen) : deliver(delivered));
    if (!result.ok) refused = !isTemporary(result.problem);
    // What was reported meanwhile for the former holder does not count for the next.
    else if (asOf === turn) told = forward(told, isRead ? { read: seen } : { delivered });
    failures = result.ok ? 0 : failures + 1;
    const rest = Math.max(0, startedAt + BETWEEN_REPORTS - environment.now());
    const wait = failures > 0 ? backoff(failures - 1, environment.random, LONGEST_RETRY) : rest;
    scope.after(wait, () => {
      isWaiting = false;
      void report();
    });
  }

  function want(change: Partial<Marks>) {
    const next = forward(wanted, change);
    // What was refused is asked for again only with something new.
    if (next.read > wanted.read || next.delivered > wanted.delivered) refused = false;
    wanted = next;
  }

  return {
    known: (marks) => void (told = forward(told, marks)),
    delivered(place) {
      want({ delivered: place });
      if (wanted.delivered > told.delivered) {
        cancelDelay ??= scope.after(BETWEEN_REPORTS, () => void report());
      }
    },
    seen(place) {
      if (place <= wanted.read) return;
      want({ read: place });
      void report();
    },
    unseen() {
      turn++;
      told = { ...told, read: 0 };
      wanted = { ...wanted, read: 0 };
      refused = false;
    },
    retry() {
      if (!refused) return;
      refused = false;
      void report();
    },
  };
}
