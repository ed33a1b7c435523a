import type { Problem, Result } from "../../client/http/problem.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { RowActionName, RowActions, SnoozeEnd } from "./row_actions.ts";
import type { Row } from "./rows.ts";
import { createTurns } from "./turns.ts";

export type BulkAction = RowActionName | "label";

/** An action on several conversations of which some were refused. */
export interface BulkReport {
  action: BulkAction;
  /** How many it was to be done to. */
  count: number;
  refused: readonly { row: Row; problem: Problem }[];
}

/** What is done to several conversations at once: to each the same as to one, and refusals are told together. */
export interface Bulk {
  /** Until each is dismissed, the last one at the end. */
  readonly reports: ReadonlySignal<readonly BulkReport[]>;
  /** All but those that are the operator's own. */
  claim(rows: readonly Row[]): Promise<void>;
  handOver(rows: readonly Row[], to: { id: string; name: string }): Promise<void>;
  /** Those that are open. */
  resolve(rows: readonly Row[]): Promise<void>;
  reopen(rows: readonly Row[]): Promise<void>;
  /** Those that are open. */
  snooze(rows: readonly Row[], end: SnoozeEnd): Promise<void>;
  /** A few at a time. */
  label(rows: readonly Row[], label: (conversationId: string) => Promise<Result<Row>>): Promise<void>;
  dismiss(report: BulkReport): void;
}

export interface BulkSetup {
  /** The desk's. */
  scope: Scope;
  actions: RowActions;
  userId: string;
}

export function createBulk({ scope, actions: { untold }, userId }: BulkSetup): Bulk {
  const reports = signal<readonly BulkReport[]>([]);
  const inTurn = createTurns();

  async function act(
    action: BulkAction,
    rows: readonly Row[],
    actOn: (row: Row) => Promise<Problem | null>,
  ): Promise<void> {
    const outcomes = await Promise.all(rows.map(async (row) => ({ row, problem: await actOn(row) })));
    if (scope.ended) return;
    const refused = outcomes.flatMap(({ row, problem }) => problem ? [{ row, problem }] : []);
    if (refused.length > 0) reports.value = [...reports.value, { action, count: rows.length, refused }];
  }

  const open = (rows: readonly Row[]) => rows.filter(({ status }) => status === "OPEN");
  return {
    reports,
    claim: (rows) =>
      act("claim", rows.filter(({ assignee }) => assignee?.id !== userId), async ({ id, assignee }) =>
        // As the server would refuse it.
        assignee ? { code: "conflict", message: assignee.name } : await untold.claim(id)),
    handOver: (rows, to) =>
      act(
        "hand_over",
        rows.filter(({ assignee }) => assignee?.id !== to.id),
        ({ id }) => untold.handOver(id, to),
      ),
    resolve: (rows) => act("resolve", open(rows), ({ id }) => untold.resolve(id)),
    reopen: (rows) => act("reopen", rows, ({ id }) => untold.reopen(id)),
    snooze: (rows, end) => act("snooze", open(rows), ({ id }) => untold.snooze(id, end)),
    label: (rows, label) =>
      act("label", rows, async ({ id }) => {
        const result = await inTurn(() => label(id));
        return result.ok ? null : result.problem;
      }),
    dismiss: (report) => void (reports.value = reports.value.filter((each) => each !== report)),
  };
}
