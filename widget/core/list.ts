import type { Item } from "../../shared/items.ts";
import type { Tab } from "../../shared/tabs.ts";
import type { Result, TellProblem } from "../../client/http/problem.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import { createPaged, type Page, type PagedState } from "../../client/sync/paged.ts";
import type { FetchOutcome, Refetcher } from "../../client/sync/refetcher.ts";
import type { Calls } from "./api.ts";

export interface ListState extends Omit<PagedState<Item>, "rows"> {
  items: Item[];
}

/** The list of one tab. */
export interface ListStore {
  readonly tab: Tab;
  readonly state: ReadonlySignal<ListState>;
  /** The visitor looks at this tab now: it is fetched (again). Also the retry button's handler. */
  open(): void;
  loadMore(): void;
  /** For `removeItem` and `updateItem`, whose code comes with the screens that change rows. */
  readonly writing: ListWriting;
}

/** How a row is changed, and what is done about it here. */
export interface ListWriting {
  environment: Pick<Environment, "nextInOrder">;
  calls: Pick<Calls, "act">;
  onProblem: TellProblem;
  refetch(): void;
  /** The answer to a request that started then tells the row. */
  onItem(item: Item, startedAt: number): void;
  onRemoved(itemId: string): void;
}

/** What the rest of the core sees of a list. */
export interface List extends ListStore {
  readonly refetcher: Refetcher;
  /** Name of the visitor's channel, from the newest answer that told it. */
  channel: string | undefined;
  /** The newest answer withheld it. */
  isUnnamed: boolean;
  /** The conversation that is being read at its end: what comes there is not counted as unread. */
  beingRead: { readonly itemId: string | null } | null;
  /** A read receipt of the row was accepted (docs/realtime.md, rule 6). */
  markRead(itemId: string): void;
  /**
   * An action that started then told about a row; dropped if a later fetch has told more (docs/realtime.md,
   * rule 3).
   */
  merge(item: Item, startedAt: number): void;
  /** So much of the row as it is now is known from elsewhere than an answer. */
  told(itemId: string, change: Partial<Item>): void;
  /**
   * A message was accepted; the answer to its sending, which started then, may tell about its row
   * (docs/realtime.md, rule 7).
   */
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

const EMPTY: ListState = { status: "idle", items: [], hasMore: false, loadingMore: false };

interface ListPage extends Page<Item> {
  channel: string | undefined;
}

export function createList(setup: ListSetup): List {
  const { environment, scope, tab, onOpen } = setup;
  const state = signal(EMPTY);
  const source = createListSource(setup);
  const news = createNews();

  const paged = createPaged<Item, ListPage>({
    ...setup,
    status: "idle",
    fetchPage: source.fetchPage,
    onPage(page) {
      if (!page) return;
      list.isUnnamed = page.channel === undefined;
      list.channel = page.channel ?? list.channel;
    },
    onRows: (rows) => news.settle(rows, paged.appliedAt()),
    onShow({ rows, ...rest }) {
      state.value = { ...rest, items: inOrder(tab, rows.map(news.over)) };
    },
  });
  const { refetcher } = paged;

  function replace(rows: Item[]) {
    source.expectWhole();
    paged.change(rows);
  }

  function told(itemId: string, change: Partial<Item>) {
    news.put(itemId, change, environment.nextInOrder());
    paged.show();
  }

  function merge(item: Item, startedAt: number) {
    if (startedAt < paged.appliedAt()) return;
    news.settle([item], startedAt);
    const { rows } = paged.state();
    const known = rows.some(({ id }) => id === item.id);
    replace(known ? rows.map((row) => row.id === item.id ? item : row) : [item, ...rows]);
  }

  scope.onEnd(() => {
    state.value = EMPTY;
  });

  const list: List = {
    writing: {
      ...setup,
      refetch: refetcher.refetch,
      onItem: merge,
      onRemoved: (itemId) => replace(paged.state().rows.filter(({ id }) => id !== itemId)),
    },
    tab,
    state,
    refetcher,
    beingRead: null,
    channel: undefined,
    isUnnamed: false,
    open() {
      onOpen();
      paged.reload();
    },
    loadMore: paged.loadMore,
    markRead(itemId) {
      told(itemId, { unread: 0 });
    },
    merge,
    told,
    written(item, startedAt) {
      if (item) merge(item, startedAt);
      if (item && tab.source === "store") return;
      const text = JSON.stringify(item);
      // The broadcast may have come before the answer, and its fetch may show the message already.
      const isShown = () =>
        paged.appliedAt() > startedAt && paged.state().rows.some((row) => JSON.stringify(row) === text);
      refetcher.expectHint(isShown);
    },
  };
  return list;
}

/** What was heard moves a conversation that Heddle keeps to the top; an owner's list has the owner's order. */
function inOrder({ source }: Tab, items: Item[]): Item[] {
  if (source === "webhook") return items;
  return items.sort(({ timestamp: one = "" }, { timestamp: other = "" }) => one < other ? 1 : -1);
}

/** What is known of rows besides the answers, until one that started later tells them (docs/realtime.md, rules 3 and 6). */
function createNews() {
  const news = new Map<string, { change: Partial<Item>; at: number }>();
  return {
    put(itemId: string, change: Partial<Item>, at: number) {
      news.set(itemId, { change: { ...news.get(itemId)?.change, ...change }, at });
    },
    /** A request that started then told these rows. */
    settle(rows: readonly Item[], startedAt: number) {
      for (const { id } of rows) if ((news.get(id)?.at ?? startedAt) < startedAt) news.delete(id);
    },
    over: (row: Item): Item => ({ ...row, ...news.get(row.id)?.change }),
  };
}

/** `tab-fetch` as a source of pages. */
function createListSource({ calls, tab }: ListSetup) {
  let etag: string | undefined;
  return {
    async fetchPage(cursor?: string): Promise<Result<ListPage | null>> {
      const result = await calls.fetchTab(tab.id, cursor === undefined ? { etag } : { cursor });
      if (!result.ok) return result;
      const { answer } = result.value;
      if (!answer) return { ok: true, value: null };
      if (cursor === undefined) etag = result.value.etag;
      return { ok: true, value: { ...answer, rows: answer.items, channel: answer.listChannel } };
    },
    /** Rows were changed here: the next answer must come whole, whatever its ETag. */
    expectWhole() {
      etag = undefined;
    },
  };
}
