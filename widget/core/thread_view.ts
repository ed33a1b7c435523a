import { type Envelope, isHint } from "../../shared/envelope.ts";
import type { Entry, Item } from "../../shared/items.ts";
import type { Problem, TellProblem } from "../../client/http/problem.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { signal } from "../../client/platform/emitter.ts";
import type { ThreadEntry } from "../../client/sync/pending.ts";
import { createPaged, type PagedState } from "../../client/sync/paged.ts";
import type { Writings } from "../../client/sync/writings.ts";
import { createReceipts } from "../../client/sync/receipts.ts";
import type { FetchOutcome } from "../../client/sync/refetcher.ts";
import { createUnreadMark, MOST_OLDER } from "../../client/sync/unread_mark.ts";
import type { ThreadEvents, ThreadEventsSetup, Typing } from "./thread_events.ts";
import { createThreadNews, type ThreadNewsSetup } from "./thread_news.ts";
import { createThreadSource, type ThreadPage, type ThreadSourceSetup } from "./thread_source.ts";

export interface ThreadState {
  status: PagedState<Entry>["status"];
  /** `null` for a new conversation until its first entry was accepted. */
  item: Item | null;
  /** Oldest first; what is still being sent stands last. */
  entries: ThreadEntry[];
  hasOlder: boolean;
  loadingOlder: boolean;
  /** Id of the first entry that the visitor had not read when they opened the thread or last looked away. */
  unreadFrom?: string;
  /** Somebody on the other side is writing. */
  typing?: Typing;
  problem?: Problem;
}

export interface ThreadSetup extends ThreadSourceSetup {
  environment: Environment;
  /** The thread's own: ends when it is closed. */
  scope: Scope;
  /** What the visitor has written and not handed over. */
  writings: Writings;
  hooks: ThreadSourceSetup["hooks"] & ThreadNewsSetup["hooks"] & {
    onFetched(startedAt: number, outcome: FetchOutcome): void;
    /** Somebody's entry carried a `clientId`. */
    onEcho(): void;
    onProblem: TellProblem;
  };
}

export const EMPTY_THREAD: ThreadState = {
  status: "loading",
  item: null,
  entries: [],
  hasOlder: false,
  loadingOlder: false,
};

/** What the thread shows, and what changes that: pages, broadcasts, what is being sent. */
export function createThreadView(setup: ThreadSetup) {
  const { scope, outbox, hooks } = setup;
  const source = createThreadSource(setup);
  const news = createThreadNews(setup);
  const unread = createUnreadMark((role) => role !== "visitor");
  const status = outbox.itemId === null ? "ready" : "loading";
  const state = signal<ThreadState>({ ...EMPTY_THREAD, status, entries: outbox.entries() });
  let older = 0;
  const receipts = createReceipts("visitor", source.markRead);

  const paged = createPaged<Entry, ThreadPage>({
    ...setup,
    ...hooks,
    status,
    fetchPage: source.fetchPage,
    keepsPushedOut: true,
    onPage(page, startedAt) {
      if (!page) return;
      const { entries } = page.answer;
      news.pageCame(paged.state().rows, entries);
      unread.count(source.unread());
      if (entries.some(({ clientId }) => clientId)) hooks.onEcho();
      outbox.reconcile(entries, startedAt);
      events.settle(startedAt, page.unchanged);
    },
    onShow: () => show(),
    onFetched(startedAt, outcome) {
      if (outcome === "changed" || outcome === "unchanged") {
        source.fetched();
        considerReading();
        news.tellPage();
      }
      hooks.onFetched(startedAt, outcome);
    },
  });
  const events = createLateEvents(setup, {
    onEntry(entry, isNew) {
      show();
      considerReading();
      if (isNew) news.tell(entry);
    },
    onTyping: (typing) => show({ typing }),
    onHint: paged.refetcher.hint,
  });

  const fetched = () => events.over(paged.state().rows.toReversed(), outbox.entries());
  const considerReading = () => receipts.consider(fetched(), source.unread());

  function show(change: Partial<ThreadState> = {}) {
    const { status, hasMore, loadingMore, problem } = paged.state();
    if (hasMore && !problem && unread.isBefore(fetched())) {
      if (loadingMore) return;
      if (older++ < MOST_OLDER) return queueMicrotask(paged.loadMore);
    }
    const loaded = { status, problem, item: source.item, hasOlder: hasMore, loadingOlder: loadingMore };
    const withDelivery = (entry: Entry): ThreadEntry =>
      outbox.sent(entry) ? { ...entry, delivery: "sent" } : entry;
    const entries = [...fetched().map(withDelivery), ...outbox.entries()];
    const unreadFrom = unread.from(entries);
    if (!scope.ended) state.value = { ...state.value, ...loaded, entries, unreadFrom, ...change };
  }

  function setReading(reading: boolean) {
    setup.list.beingRead = reading ? outbox : null;
    unread.setReading(reading);
    receipts.setReading(reading);
  }

  return { state, source, paged, events, setReading, considerReading, show };
}

type EventHooks = Pick<ThreadEventsSetup, "onEntry" | "onTyping" | "onHint">;

/** Most broadcasts are hints; what reads the others is loaded when the first one comes. */
function createLateEvents({ environment, scope, outbox }: ThreadSetup, hooks: EventHooks) {
  let events: ThreadEvents | null = null;

  async function receive(envelope: Envelope | null): Promise<void> {
    if (isHint(envelope)) return hooks.onHint();
    try {
      const module = await import("./thread_events.ts");
      events ??= module.createThreadEvents({ environment, scope, itemId: () => outbox.itemId, ...hooks });
    } catch {
      // It could not be loaded: what the broadcast told is in the next fetch.
      return hooks.onHint();
    }
    events.receive(envelope);
  }

  return {
    receive: (envelope: Envelope | null) => void receive(envelope),
    over: (entries: Entry[], sending: Entry[]) => events?.over(entries, sending) ?? entries,
    settle: (startedAt: number, unchanged: boolean) => events?.settle(startedAt, unchanged),
  };
}
