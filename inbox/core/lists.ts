import type { TellProblem } from "../../client/http/problem.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import {
  type ChangingList,
  type ChangingListSource,
  createChangingList,
} from "../../client/sync/changing_list.ts";
import { type Counts, createCounts } from "../../client/sync/counts.ts";
import type { FetchOutcome } from "../../client/sync/refetcher.ts";
import type { Project } from "./project.ts";
import { createCountFollower, type ViewCounts } from "./view_counts.ts";
import {
  type CheckedRow,
  compareRows,
  compareWaiting,
  isInList,
  type ListKey,
  ROW,
  type Row,
  type TeamNews,
  type View,
} from "./rows.ts";

export interface ListsSetup {
  environment: Environment;
  scope: Scope;
  project: Project;
  agentId: string;
  userId: string;
  /** The row as the operator's own changes, which are on their way, will leave it. */
  expected(row: Row): Row;
  /** The server told these rows as they are now. */
  onRows(rows: readonly Row[]): void;
  /** These conversations were erased or removed. */
  onGone(ids: readonly string[]): void;
  onFetched(startedAt: number, outcome: FetchOutcome): void;
  onProblem: TellProblem;
}

/** The team's lists. One that was looked at stays up to date, so that coming back to it takes no fetch. */
export interface Lists {
  readonly counts: Counts<ViewCounts>;
  /** With a label: the open conversations that have it. */
  of(view: View, labelId?: number | null): ChangingList<Row>;
  /** The row of a conversation, if a view has it. */
  find(id: string): Row | undefined;
  receive(news: Pick<TeamNews, "changes" | "isHint"> & Partial<Pick<TeamNews, "begun">>): void;
  /** What is expected of rows is something else. */
  redraw(): void;
  joined(again: boolean): void;
  /** Asks what has changed. */
  refetch(): void;
  used(): void;
}

const COUNTS = { needsHuman: 0, waiting: 0, mine: 0, unassigned: 0, open: 0, snoozed: 0, cap: 0 };

export function createLists(setup: ListsSetup): Lists {
  const { environment, scope, project, agentId, userId } = setup;
  const all = new Map<View | number, ChangingList<Row>>();
  const counts = createCounts<ViewCounts>({
    environment,
    scope,
    count: () => project.call<ViewCounts>("inbox_counts", { p_agent_id: agentId }, COUNTS),
  });
  const find = (id: string) => {
    for (const { state } of all.values()) {
      const row = state.value.rows.find((row) => row.id === id);
      if (row) return row;
    }
  };
  const follow = createCountFollower({ userId, counts, find });
  const each = (run: (list: ChangingList<Row>) => void) => all.forEach(run);

  return {
    counts,
    of(view, labelId = null) {
      const key = { view, labelId };
      const name = labelId ?? view;
      const list = all.get(name) ?? createChangingList<Row>({
        ...setup,
        source: listSource(setup, key),
        compare: view === "waiting" && labelId === null ? compareWaiting : compareRows,
        fits: (row) => isInList(key, row, userId),
      });
      all.set(name, list);
      return list;
    },
    find,
    receive({ changes, isHint, begun = new Set() }) {
      follow(changes, begun);
      each((list) => {
        if (changes.length > 0) list.receive(changes);
        if (isHint) list.hint();
      });
      if (isHint) counts.doubted();
    },
    redraw: () => each((list) => list.redraw()),
    joined(again) {
      each((list) => list.joined(again));
      counts.changed();
    },
    refetch() {
      each(({ refetcher }) => refetcher.ensure());
      counts.changed();
    },
    used: () => each((list) => list.used()),
  };
}

interface Page {
  rows: CheckedRow[];
  cursor: string;
}

interface Changes {
  rows: CheckedRow[];
  left: string[];
  more: boolean;
  cursor: string;
}

/** A view as the database has it. */
function listSource(
  { project, agentId, onRows, onGone }: ListsSetup,
  { view, labelId }: ListKey,
): ChangingListSource<Row> {
  return {
    async fetchPage(cursor) {
      const before: { at?: string; id?: string } = cursor === undefined ? {} : JSON.parse(cursor);
      const args = {
        p_agent_id: agentId,
        p_view: view,
        p_label_id: labelId,
        p_before_at: before.at,
        p_before_id: before.id,
      };
      const result = await project.call<Page>("inbox_list", args, { rows: [ROW], cursor: "" });
      if (!result.ok) return result;
      const { rows, cursor: since, next } = result.value as Page & { next: object | null };
      const nextCursor = next === null ? undefined : JSON.stringify(next);
      return { ok: true, value: { rows: rows as Row[], nextCursor, since } };
    },
    async changesAfter(since) {
      const args = { p_agent_id: agentId, p_cursor: since };
      const result = await project.call<Partial<Changes>>("inbox_changes", args, {});
      if (!result.ok) return result;
      const { rows, left, more, cursor } = result.value;
      if (!rows || !left || !cursor) return { ok: true, value: { resync: true } };
      onRows(rows as Row[]);
      if (left.length > 0) onGone(left);
      return { ok: true, value: { rows: rows as Row[], left, since: cursor, hasMore: more } };
    },
  };
}
