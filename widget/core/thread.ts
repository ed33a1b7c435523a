import { type ReadonlySignal, signal } from "../../client/platform/signal.ts";
import type { CreateItemAnswer, ItemClickedAnswer, UpdateItemAnswer } from "../../shared/api/tab_action.ts";
import type { Entry, Item } from "../../shared/items.ts";
import type { Tab } from "../../shared/tabs.ts";
import { isTemporary } from "../../client/http/problem.ts";
import { UPDATED } from "./answers.ts";
import type { Calls } from "./api.ts";
import { CLICKED } from "./thread_answers.ts";
import type { Environment } from "../../client/platform/environment.ts";
import { nextInOrder } from "../../client/sync/request_order.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { Problem } from "../../client/http/problem.ts";
import type { Outbox, ThreadEntry } from "../../client/sync/outbox.ts";
import { rowsBehind, withoutDuplicates } from "../../client/sync/pages.ts";
import { outcomeOf, showState } from "../../client/sync/problems.ts";
import type { TellProblem } from "../../client/sync/problems.ts";
import { createReceipts } from "../../client/sync/receipts.ts";
import { createRefetcher } from "../../client/sync/refetcher.ts";
import type { FetchOutcome, Refetcher } from "../../client/sync/refetcher.ts";

export interface ThreadState {
  status: "loading" | "ready" | "failed";
  /** `null` for a new conversation until its first entry was accepted. */
  item: Item | null;
  /** Oldest first; what is still being sent stands last. */
  entries: ThreadEntry[];
  hasOlder: boolean;
  loadingOlder: boolean;
  problem?: Problem;
}

/** An open thread, or the detail of a default tab's item. Lives until `close()`. */
export interface ThreadStore {
  readonly tab: Tab;
  readonly state: ReadonlySignal<ThreadState>;
  reload(): void;
  loadOlder(): void;
  /** Shows the entry at once and sends it; `body` is trimmed by the caller and not empty. */
  send(body: string): void;
  /** Sends a `failed` or `not_confirmed` entry again, with the same `clientId`. */
  resend(clientId: string): void;
  discard(clientId: string): void;
  /** True while the newest entry is on a visible screen: read receipts are sent only then (docs/realtime.md, rule 6). */
  setReading(reading: boolean): void;
  update(changes: Record<string, unknown>): Promise<Problem | null>;
  remove(): Promise<Problem | null>;
  close(): void;
}

/** What the rest of the core sees of a thread. */
export interface Thread extends ThreadStore {
  readonly refetcher: Refetcher;
  readonly itemId: string | null;
  /** Name of the conversation's channel, from the newest answer. */
  readonly channel: string | undefined;
  /** The row's unread number in the list changed. */
  listChanged(): void;
  /** Shows nothing any more: the visitor left. */
  clear(): void;
}

export interface ThreadSetup {
  environment: Environment;
  /** The thread's own: ends when it is closed. */
  scope: Scope;
  calls: Calls;
  tab: Tab;
  outbox: Outbox;
  /** Unread messages of the thread's row, as the list shows it. */
  unreadInList(): number;
  hooks: {
    onFetched(startedAt: number, outcome: FetchOutcome): void;
    onChannel(): void;
    /** An entry by somebody else came while the thread was open. */
    onForeignEntry(itemId: string, entry: Entry): void;
    /** Somebody's entry carried a `clientId`. */
    onEcho(): void;
    onRead(itemId: string): void;
    onProblem: TellProblem;
    /** An update that started then has ended; its answer may tell about the row. */
    onUpdate(item: Item | undefined, startedAt: number): void;
    remove(itemId: string): Promise<Problem | null>;
  };
}

export function createThread(setup: ThreadSetup): Thread {
  const { environment, scope, calls, tab, outbox, unreadInList, hooks } = setup;
  const isNew = outbox.itemId === null;
  const state = signal<ThreadState>({
    status: isNew ? "ready" : "loading",
    item: null,
    entries: outbox.entries(),
    hasOlder: false,
    loadingOlder: false,
  });
  const refetcher = createRefetcher(environment, scope, fetchNewest);
  const canMarkRead = tab.category === "messaging" && tab.actions.includes("update_item");
  const receipts = createReceipts(sendReceipt);
  /** Oldest first, as the server sent them. */
  let entries: Entry[] = [];
  let cursor: string | undefined;
  let channel: string | undefined;
  let appliedAt = 0;
  let shownAnswer: string | null = null;

  function show(change: Partial<ThreadState> = {}) {
    const fetched = entries.map((entry) =>
      outbox.sent(entry) ? { ...entry, delivery: "sent" as const } : entry
    );
    const all = [...fetched, ...outbox.entries()];
    const next = { ...state.value, entries: all, hasOlder: cursor !== undefined, ...change };
    showState(state, next, hooks.onProblem);
  }

  async function fetchNewest(startedAt: number): Promise<FetchOutcome> {
    const { itemId } = outbox;
    if (itemId === null) return "unchanged";
    const refresh = shownAnswer !== null && { refresh: true as const };
    const result = await calls.act<ItemClickedAnswer>({
      action: "item_clicked",
      tabId: tab.id,
      itemId,
      ...refresh,
    }, CLICKED);
    if (scope.ended) return "failed";
    if (!result.ok) {
      show({ status: state.value.status === "ready" ? "ready" : "failed", problem: result.problem });
      const outcome = isTemporary(result.problem) ? "failed" : "refused";
      hooks.onFetched(startedAt, outcome);
      return outcome;
    }
    const text = JSON.stringify(result.value);
    const outcome = text === shownAnswer ? "unchanged" : "changed";
    appliedAt = startedAt;
    apply(result.value, startedAt, shownAnswer === null);
    shownAnswer = text;
    hooks.onFetched(startedAt, outcome);
    return outcome;
  }

  function apply(answer: ItemClickedAnswer, startedAt: number, isFirst: boolean) {
    const known = new Set(entries.map(({ id }) => id));
    replaceNewest(answer);
    if (answer.entries.some(({ clientId }) => clientId)) hooks.onEcho();
    outbox.reconcile(answer.entries, startedAt);
    show({ status: "ready", item: answer.item, problem: undefined });
    if (answer.conversationChannel !== channel) {
      channel = answer.conversationChannel;
      hooks.onChannel();
    }
    receipts.consider(entries, unread());
    if (isFirst && !isNew) return;
    for (const entry of answer.entries) {
      if (!known.has(entry.id) && entry.author.role !== "visitor") {
        hooks.onForeignEntry(answer.item.id, entry);
      }
    }
  }

  /** The same as a list's first page, only that a thread grows at its end. */
  function replaceNewest({ entries: page, nextCursor }: ItemClickedAnswer) {
    const older = nextCursor ? rowsBehind(page.toReversed(), entries.toReversed()).reverse() : [];
    const joinsOn = older.length > 0;
    entries = withoutDuplicates([...older, ...page]);
    if (!joinsOn) cursor = nextCursor;
  }

  async function loadOlder() {
    const from = cursor;
    const { itemId } = outbox;
    if (!from || itemId === null || state.value.loadingOlder) return;
    show({ loadingOlder: true });
    const request = { action: "item_clicked", tabId: tab.id, itemId, cursor: from, refresh: true } as const;
    const result = await calls.act<ItemClickedAnswer>(request, CLICKED);
    if (scope.ended) return;
    if (from !== cursor) return show({ loadingOlder: false });
    if (!result.ok) return show({ loadingOlder: false, problem: result.problem });
    const more = withoutDuplicates([...result.value.entries, ...entries]);
    // A page that brings nothing new would be asked for again and again.
    cursor = more.length > entries.length ? result.value.nextCursor : undefined;
    entries = more;
    show({ loadingOlder: false, problem: undefined });
  }

  const unread = () => Math.max(state.value.item?.unread ?? 0, unreadInList());

  async function sendReceipt(): Promise<boolean> {
    const { itemId } = outbox;
    if (!canMarkRead || itemId === null) return true;
    const request = { action: "update_item", tabId: tab.id, itemId, changes: { read: true } } as const;
    const result = await calls.act<UpdateItemAnswer>(request, UPDATED);
    if (result.ok) hooks.onRead(itemId);
    return result.ok;
  }

  function accepted(answer: CreateItemAnswer) {
    if (answer.item && !state.value.item) show({ item: answer.item });
    // An entry in the answer is as good as a fetch: the owner's broadcast brings the rest.
    if (!answer.entry || shownAnswer === null) refetcher.refetch();
    if (answer.conversationChannel && !channel) {
      channel = answer.conversationChannel;
      hooks.onChannel();
    }
  }

  function close() {
    outbox.watch(null);
    scope.end();
  }

  outbox.watch({ onChange: () => show(), onAccepted: accepted });
  refetcher.ensure();

  return {
    tab,
    state,
    refetcher,
    get itemId() {
      return outbox.itemId;
    },
    get channel() {
      return channel;
    },
    reload() {
      if (state.value.status === "failed") show({ status: "loading", problem: undefined });
      refetcher.ensure();
    },
    loadOlder: () => void loadOlder(),
    send: outbox.add,
    resend: outbox.resend,
    discard: outbox.discard,
    clear() {
      close();
      state.value = { status: "loading", item: null, entries: [], hasOlder: false, loadingOlder: false };
    },
    setReading: receipts.setReading,
    listChanged: () => receipts.consider(entries, unread()),
    async update(changes) {
      const { itemId } = outbox;
      if (itemId === null) return null;
      const startedAt = nextInOrder();
      const request = { action: "update_item", tabId: tab.id, itemId, changes } as const;
      const result = await calls.act<UpdateItemAnswer>(request, UPDATED);
      const { item } = result.ok ? result.value : {};
      if (item && startedAt > appliedAt && !scope.ended) show({ item });
      // Refused or not, what is shown may be old.
      hooks.onUpdate(item, startedAt);
      refetcher.refetch();
      return outcomeOf(result, hooks.onProblem);
    },
    async remove() {
      const { itemId } = outbox;
      const problem = itemId === null ? null : await hooks.remove(itemId);
      if (problem) refetcher.refetch();
      return problem;
    },
    close,
  };
}
