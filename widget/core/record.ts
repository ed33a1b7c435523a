import type { Item } from "../../shared/items.ts";
import type { Tab } from "../../shared/tabs.ts";
import type { Problem, TellProblem } from "../../client/http/problem.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import { createPaged, type PagedState } from "../../client/sync/paged.ts";
import type { FetchOutcome, Refetcher } from "../../client/sync/refetcher.ts";
import type { Calls } from "./api.ts";
import { createClicks } from "./clicks.ts";
import type { List } from "./list.ts";
import { removeItem, updateItem } from "./writes.ts";

export interface RecordState {
  status: PagedState<Item>["status"];
  /** `null` until it was fetched. */
  item: Item | null;
  problem?: Problem;
}

/** The detail of a default tab's item. Lives until `close()`. */
export interface RecordStore {
  readonly tab: Tab;
  readonly state: ReadonlySignal<RecordState>;
  reload(): void;
  update(changes: Record<string, unknown>): Promise<Problem | null>;
  remove(): Promise<Problem | null>;
  close(): void;
}

/** What the rest of the core sees of a record. */
export interface OpenRecord extends RecordStore {
  readonly refetcher: Refetcher;
  /** Shows nothing any more: the visitor left. */
  clear(): void;
}

export interface RecordSetup {
  environment: Environment;
  /** The record's own: ends when it is closed. */
  scope: Scope;
  calls: Calls;
  /** Where the record is a row. */
  list: List;
  itemId: string;
  onFetched(startedAt: number, outcome: FetchOutcome): void;
  onProblem: TellProblem;
}

export type CreateRecord = (setup: RecordSetup) => OpenRecord;

const EMPTY: RecordState = { status: "loading", item: null };

export function createRecord(setup: RecordSetup): OpenRecord {
  const { scope, calls, list, itemId } = setup;
  const state = signal(EMPTY);
  const clicks = createClicks(calls, list.tab.id);

  const paged = createPaged<Item, { rows: Item[]; unchanged: boolean }>({
    ...setup,
    status: "loading",
    async fetchPage() {
      const result = await clicks.send(itemId);
      if (!result.ok) return result;
      const { answer, unchanged } = result.value;
      return { ok: true, value: { rows: [answer.item], unchanged } };
    },
    onShow({ status, rows: [item = null], problem }) {
      state.value = { status, item, problem };
    },
  });
  const { refetcher } = paged;
  refetcher.ensure();

  return {
    tab: list.tab,
    state,
    refetcher,
    reload: paged.reload,
    async update(changes) {
      const problem = await updateItem(list, itemId, changes, (item, startedAt) => {
        if (startedAt > paged.appliedAt()) paged.change([item]);
      });
      // Refused or not, what is shown may be old.
      refetcher.refetch();
      return problem;
    },
    async remove() {
      const problem = await removeItem(list, itemId);
      if (problem) refetcher.refetch();
      return problem;
    },
    clear() {
      scope.end();
      state.value = EMPTY;
    },
    close: scope.end,
  };
}
