import type { RowChange } from "../../client/sync/changing_list.ts";
import type { Counts } from "../../client/sync/counts.ts";
import { isInView, type Row, type View } from "./rows.ts";

/** How many conversations views hold, each counted up to `cap`. */
export interface ViewCounts {
  needsHuman: number;
  waiting: number;
  mine: number;
  unassigned: number;
  open: number;
  snoozed: number;
  cap: number;
}

/** Nobody counts what is resolved: it only ever grows. */
const COUNTED: Record<Exclude<keyof ViewCounts, "cap">, View> = {
  needsHuman: "needs_human",
  waiting: "waiting",
  mine: "mine",
  unassigned: "unassigned",
  open: "open",
  snoozed: "snoozed",
};
/** Of so many conversations it is remembered how they were told last. */
const MOST_TOLD = 2000;

export interface CountFollowerSetup {
  userId: string;
  counts: Counts<ViewCounts>;
  /** The row of a conversation, if a list has it. */
  find(id: string): Row | undefined;
}

/**
 * Makes of what broadcasts tell about conversations what it makes of the counts: for each of which it is known how it was before.
 * Must hear of changes before the lists do.
 */
export function createCountFollower({ userId, counts, find }: CountFollowerSetup) {
  /** By id, those that were told last at the end. */
  const told = new Map<string, Row>();

  function remember(row: Row) {
    told.delete(row.id);
    told.set(row.id, row);
    const [oldest] = told.keys();
    if (told.size > MOST_TOLD && oldest !== undefined) told.delete(oldest);
  }

  /** `begun` are the ids of those that were not there before. */
  return (changes: readonly RowChange<Row>[], begun: ReadonlySet<string>): void => {
    for (const { id, change } of changes) {
      const row = change(undefined);
      if (!row) {
        counts.changed();
        continue;
      }
      const former = newer(told.get(id), find(id)) ?? (begun.has(id) ? null : undefined);
      if (former && former.rev >= row.rev) continue;
      remember(row);
      if (former === undefined) counts.doubted();
      else counts.told((counted) => stepped(counted, { former, row, userId }));
    }
  };
}

function newer(first: Row | undefined, second: Row | undefined): Row | undefined {
  return first && second && second.rev > first.rev ? second : first ?? second;
}

interface Step {
  /** `null`: it was not there. */
  former: Row | null;
  row: Row;
  userId: string;
}

/** The counts after one conversation's change. Beyond the cap nobody knows. */
export function stepped(counted: ViewCounts, { former, row, userId }: Step): ViewCounts {
  const next = { ...counted };
  for (const [name, view] of Object.entries(COUNTED) as [keyof typeof COUNTED, View][]) {
    const was = former !== null && isInView(view, former, userId);
    const by = Number(isInView(view, row, userId)) - Number(was);
    if (by === 0 || counted[name] >= counted.cap) continue;
    next[name] = Math.max(0, counted[name] + by);
  }
  return next;
}
