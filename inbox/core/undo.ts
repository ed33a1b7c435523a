import type { Problem, Result } from "../../client/http/problem.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { Call, RowActionName, RowActions } from "./row_actions.ts";
import type { Row } from "./rows.ts";

/** For how long an action can be taken back while nobody is at what offers it, in milliseconds. */
const LASTING = 10_000;

/** What the operator did last. */
export interface Done {
  action: RowActionName;
  /** Of how many conversations it was not refused. */
  count: number;
}

/** Takes back what the operator did last, to one conversation or several: each becomes what it was before. */
export interface Undo {
  /** `null` where there is nothing that can be taken back any more. */
  readonly done: ReadonlySignal<Done | null>;
  /** The operator does something to these, which are as they were seen before; what it came to is told in their order. */
  did(action: RowActionName, rows: readonly Row[], outcomes: readonly Promise<Problem | null>[]): void;
  /** The server's answer to one of the operator's own actions. */
  answered(row: Row): void;
  /** Rows as the server has them now, whoever has changed them. */
  heard(rows: readonly Row[]): void;
  /** Whether somebody is at what offers it: as long as that it stays. */
  hold(isHeld: boolean): void;
  /** Shows at once. What a colleague or the visitor has changed since stays as it is. */
  undo(): Promise<void>;
}

export interface UndoSetup {
  /** The desk's. */
  scope: Scope;
  userId: string;
  isVisible(): boolean;
  restore: RowActions["restore"];
  /** Some of so many were not taken back. */
  onRefused(rows: readonly Row[], refused: readonly { row: Row; problem: Problem }[]): void;
}

interface Step {
  before: Row;
  /** As the action has left it; `null` until the server has answered. */
  after: Row | null;
  now: Row | null;
  /** Why the action was refused. */
  refused: Problem | null;
}

type Steps = ReadonlyMap<string, Step>;

export function createUndo({ scope, userId, isVisible, restore, onRefused }: UndoSetup): Undo {
  const done = signal<Done | null>(null);
  let last: Steps = new Map();
  /** Of the last action, and of those that are being taken back. */
  const followed = new Set<Steps>();
  let stopTimer = () => {};

  function wait() {
    stopTimer();
    stopTimer = scope.after(LASTING, () => isVisible() ? end() : wait());
  }

  function end() {
    stopTimer();
    done.value = null;
    followed.delete(last);
    last = new Map();
  }

  function count(action: RowActionName, steps: Steps) {
    if (steps !== last) return;
    const count = [...steps.values()].filter(({ refused }) => !refused).length;
    if (count === 0) end();
    else done.value = { action, count };
  }

  const follow = (row: Row, isAnswer: boolean) => {
    for (const steps of followed) {
      const step = steps.get(row.id);
      if (!step) continue;
      if (isAnswer) step.after = row;
      if (row.rev >= (step.now?.rev ?? 0)) step.now = row;
    }
  };

  return {
    done,
    did(action, rows, outcomes) {
      if (rows.length === 0) return;
      end();
      const steps = new Map<string, Step>(
        rows.map((row) => [row.id, { before: row, after: null, now: null, refused: null }]),
      );
      last = steps;
      followed.add(steps);
      done.value = { action, count: rows.length };
      wait();
      for (const [place, step] of [...steps.values()].entries()) {
        void outcomes[place]?.then((problem) => {
          step.refused = problem;
          if (problem) count(action, steps);
        });
      }
    },
    answered: (row) => follow(row, true),
    heard: (rows) => rows.forEach((row) => follow(row, false)),
    hold: (isHeld) => isHeld ? stopTimer() : done.value && wait(),
    async undo() {
      if (!done.value) return;
      const { action } = done.value;
      const steps = last;
      end();
      followed.add(steps);
      const outcomes = await Promise.all([...steps].map(async ([id, step]) => {
        const undoing = { name: action, change: changeBack(action, step.before) };
        const problem = await restore(id, undoing, () => callBack(action, step, userId));
        return { row: step.before, problem, wasDone: !step.refused };
      }));
      followed.delete(steps);
      const tried = outcomes.filter(({ wasDone }) => wasDone);
      const refused = tried.flatMap(({ row, problem }) => problem ? [{ row, problem }] : []);
      if (refused.length > 0 && !scope.ended) onRefused(tried.map(({ row }) => row), refused);
    },
  };
}

const isAboutHolder = (action: RowActionName) => /^(claim|release|hand_over)$/.test(action);

/** What of the row is another again. */
function changeBack(action: RowActionName, before: Row): Partial<Row> {
  const { assignee, needsHuman, status, snoozedUntil, snoozeEnded, waitingSince } = before;
  return isAboutHolder(action)
    ? { assignee, needsHuman }
    : { status, snoozedUntil, snoozeEnded, waitingSince, needsHuman };
}

/** What is asked of the server once it has answered the action, unless the conversation has become another since. */
function callBack(
  action: RowActionName,
  { before, after, now, refused }: Step,
  userId: string,
): Result<Call> {
  if (refused) return { ok: false, problem: refused };
  if (!after || (now && !isAs(now, after))) return { ok: false, problem: { code: "conflict", message: "" } };
  return { ok: true, value: isAboutHolder(action) ? holderBack(before, userId) : statusBack(before, after) };
}

function holderBack({ assignee }: Row, userId: string): Call {
  // A colleague who was faster is refused to nobody.
  if (assignee?.id === userId) return { call: "inbox_claim" };
  return { call: "inbox_assign", args: { p_to: assignee?.id ?? null } };
}

function statusBack({ status, snoozedUntil }: Row, { rev }: Row): Call {
  const end = status === "SNOOZED" && { p_until: snoozedUntil };
  // What the visitor wrote since wins.
  const seen = status !== "OPEN" && { p_seen_rev: rev };
  return { call: "inbox_status", args: { p_status: status, ...end, ...seen } };
}

function isAs(row: Row, other: Row): boolean {
  return row.status === other.status && row.snoozedUntil === other.snoozedUntil &&
    row.assignee?.id === other.assignee?.id;
}
