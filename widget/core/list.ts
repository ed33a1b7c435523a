import type { DeleteItemAnswer, UpdateItemAnswer } from "../../shared/api/tab_action.ts";
import { type ReadonlySignal, signal } from "../../client/platform/signal.ts";
import type { TabFetchAnswer } from "../../shared/api/tab_fetch.ts";
import type { Item } from "../../shared/items.ts";
import type { Tab } from "../../shared/tabs.ts";
import { isTemporary, type Problem } from "../../client/http/problem.ts";
import { DELETED, UPDATED } from "./answers.ts";
import type { Calls } from "./api.ts";
import type { Environment } from "../../client/platform/environment.ts";
import { nextInOrder } from "../../client/sync/request_order.ts";
import type { Scope } from "../../client/platform/scope.ts";

import { rowsBehind, withoutDuplicates } from "../../client/sync/pages.ts";
import { outcomeOf, showState } from "../../client/sync/problems.ts";
import type { TellProblem } from "../../client/sync/problems.ts";
import { createRefetcher } from "../../client/sync/refetcher.ts";
import type { FetchOutcome, Refetcher } from "../../client/sync/refetcher.ts";

export interface ListState {
  /** `loading` only while there is nothing to show; a refetch keeps `ready`. */
  status: "idle" | "loading" | "ready" | "failed";
  items: Item[];
  hasMore: boolean;
  loadingMore: boolean;
  /** Set with `failed`, and with `ready` when a later refetch failed. */
  problem?: Problem;
}

/** The list of one tab. */
export interface ListStore {
  readonly tab: Tab;
  readonly state: ReadonlySignal<ListState>;
  /** The visitor looks at this tab now: it is fetched (again). Also the retry button's handler. */
  open(): void;
  loadMore(): void;
  /** Resolves to the problem, or to `null` when the owner accepted. */
  remove(itemId: string): Promise<Problem | null>;
  update(itemId: string, changes: Record<string, unknown>): Promise<Problem | null>;
}

/** What the rest of the core sees of a list. */
export interface List extends ListStore {
  readonly refetcher: Refetcher;
  /** Name of the visitor's channel, from the newest answer. */
  readonly channel: string | undefined;
  /** A read receipt of the row was accepted (docs/realtime.md, rule 6). */
  markRead(itemId: string): void;
  /** An action that started then told about a row; dropped if a later fetch has told more (docs/realtime.md, rule 3). */
  merge(item: Item, startedAt: number): void;
  /** A message was accepted; the answer to its sending, which started then, may tell about its row (docs/realtime.md, rule 7). */
  written(item: Item | undefined, startedAt: number): void;
}

export interface ListSetup {
  environment: Environment;
  scope: Scope;
  calls: Calls;
  tab: Tab;
  /** The visitor turned to this tab. */
  onOpen(): void;
  /** A fetch of the first page ended. */
  onFetched(startedAt: number, outcome: FetchOutcome): void;
  onProblem: TellProblem;
}

export function createList(
  { environment, scope, calls, tab, onOpen, onFetched, onProblem }: ListSetup,
): List {
  const state = signal<ListState>({ status: "idle", items: [], hasMore: false, loadingMore: false });
  const refetcher = createRefetcher(environment, scope, fetchFirstPage);
  const readSince = new Map<string, number>();
  /** As the server sent them. */
  let rows: Item[] = [];
  let hasLaterPages = false;
  let cursor: string | undefined;
  let etag: string | undefined;
  let channel: string | undefined;
  let appliedAt = 0;

  function show(change: Partial<ListState> = {}) {
    if (scope.ended) return;
    const items = rows.map((row) => readSince.has(row.id) ? { ...row, unread: 0 } : row);
    showState(state, { ...state.value, items, hasMore: cursor !== undefined, ...change }, onProblem);
  }

  async function fetchFirstPage(startedAt: number): Promise<FetchOutcome> {
    if (state.value.status === "idle") show({ status: "loading" });
    const result = await calls.fetchTab(tab.id, { etag });
    if (scope.ended) return "failed";
    if (!result.ok) {
      show({ status: state.value.status === "ready" ? "ready" : "failed", problem: result.problem });
      const outcome = isTemporary(result.problem) ? "failed" : "refused";
      onFetched(startedAt, outcome);
      return outcome;
    }
    const { answer } = result.value;
    appliedAt = startedAt;
    for (const [id, since] of readSince) if (since < startedAt) readSince.delete(id);
    if (answer) {
      etag = result.value.etag;
      replaceFirstPage(answer);
    }
    show({ status: "ready", problem: undefined });
    const outcome = answer ? "changed" : "unchanged";
    onFetched(startedAt, outcome);
    return outcome;
  }

  function replaceFirstPage({ items, nextCursor, listChannel }: TabFetchAnswer) {
    const behind = hasLaterPages && nextCursor ? rowsBehind(items, rows) : [];
    hasLaterPages = behind.length > 0;
    rows = withoutDuplicates([...items, ...behind]);
    if (!hasLaterPages) cursor = nextCursor;
    channel = listChannel;
  }

  async function loadMore() {
    const from = cursor;
    if (!from || state.value.loadingMore) return;
    show({ loadingMore: true });
    const result = await calls.fetchTab(tab.id, { cursor: from });
    if (scope.ended) return;
    // A refetch dropped the page that this one would follow.
    if (from !== cursor) return show({ loadingMore: false });
    if (!result.ok) return show({ loadingMore: false, problem: result.problem });
    const { items = [], nextCursor } = result.value.answer ?? {};
    const more = withoutDuplicates([...rows, ...items]);
    // A page that brings nothing new would be asked for again and again.
    cursor = more.length > rows.length ? nextCursor : undefined;
    rows = more;
    hasLaterPages = true;
    show({ loadingMore: false, problem: undefined });
  }

  /** A local change: the next answer must come whole, whatever its ETag. */
  function change(next: Item[]) {
    rows = next;
    etag = undefined;
    show();
  }

  function merge(item: Item, startedAt: number) {
    if (startedAt < appliedAt) return;
    const known = rows.some(({ id }) => id === item.id);
    change(known ? rows.map((row) => row.id === item.id ? item : row) : [item, ...rows]);
  }

  function written(item: Item | undefined, startedAt: number) {
    if (item) merge(item, startedAt);
    const row = JSON.stringify(item);
    // The broadcast may have come before the answer, and its fetch may show the message already.
    const isShown = () => appliedAt > startedAt && rows.some((shown) => JSON.stringify(shown) === row);
    refetcher.expectHint(isShown);
  }

  scope.onEnd(() => {
    state.value = { status: "idle", items: [], hasMore: false, loadingMore: false };
  });

  return {
    tab,
    state,
    refetcher,
    get channel() {
      return channel;
    },
    open() {
      onOpen();
      if (state.value.status === "failed") show({ status: "loading", problem: undefined });
      refetcher.ensure();
    },
    loadMore: () => void loadMore(),
    async remove(itemId) {
      const result = await calls.act<DeleteItemAnswer>(
        { action: "delete_item", tabId: tab.id, itemId },
        DELETED,
      );
      if (result.ok) change(rows.filter(({ id }) => id !== itemId));
      refetcher.refetch();
      return outcomeOf(result, onProblem);
    },
    async update(itemId, changes) {
      const startedAt = nextInOrder();
      const request = { action: "update_item", tabId: tab.id, itemId, changes } as const;
      const result = await calls.act<UpdateItemAnswer>(request, UPDATED);
      if (result.ok && result.value.item) merge(result.value.item, startedAt);
      refetcher.refetch();
      return outcomeOf(result, onProblem);
    },
    markRead(itemId) {
      readSince.set(itemId, nextInOrder());
      show();
    },
    merge,
    written,
  };
}
