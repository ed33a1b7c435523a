import type { Problem, Result } from "../../client/http/problem.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { RowActionName, RowActions, SnoozeEnd } from "./row_actions.ts";
import type { Row } from "./rows.ts";
import { createTurns } from "./turns.ts";
import type { Undo } from "./undo.ts";

export type BulkAction = RowActionName | "label" | "undo";

/** An action on several conversations of which some were refused. */
export interface BulkReport {
  action: BulkAction;
  /** What it was to be done to. */
  rows: readonly Row[];
  /** But for those that something was done to since. */
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
  /** Some of these were refused. */
  report(report: BulkReport): void;
  /** Something is done to this one: no earlier report is about it any more. */
  acted(conversationId: string): void;
  dismiss(report: BulkReport): void;
}

export interface BulkSetup {
  /** The desk's. */
  scope: Scope;
  actions: RowActions;
  onAct: Undo["did"];
  userId: string;
}

export function createBulk({ scope, actions: { untold }, onAct, userId }: BulkSetup): Bulk {
  const reports = signal<readonly BulkReport[]>([]);
  const inTurn = createTurns();

  const report = (report: BulkReport) => void (reports.value = [...reports.value, report]);

  /** Those that something is done to are dealt with. */
  function acted(ids: ReadonlySet<string>) {
    const left = reports.value.map((report) => {
      const refused = report.refused.filter(({ row }) => !ids.has(row.id));
      return refused.length < report.refused.length ? { ...report, refused } : report;
    });
    if (left.some((each, place) => each !== reports.value[place])) {
      reports.value = left.filter(({ refused }) => refused.length > 0);
    }
  }

  async function act(
    action: RowActionName | "label",
    rows: readonly Row[],
    actOn: (row: Row) => Promise<Problem | null>,
  ): Promise<void> {
    acted(new Set(rows.map(({ id }) => id)));
    const outcomes = rows.map(actOn);
    if (action !== "label") onAct(action, rows, outcomes);
    const problems = await Promise.all(outcomes);
    if (scope.ended) return;
    const refused = rows.flatMap((row, place) => {
      const problem = problems[place];
      return problem ? [{ row, problem }] : [];
    });
    if (refused.length > 0) report({ action, rows, refused });
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
    report,
    acted: (id) => acted(new Set([id])),
    dismiss: (report) => void (reports.value = reports.value.filter((each) => each !== report)),
  };
}
