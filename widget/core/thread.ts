import type { CreateItemAnswer, ItemClickedAnswer, UpdateItemAnswer } from "../../shared/api/tab_action.ts";
import { type Envelope, isHint } from "../../shared/envelope.ts";
import type { Entry, Item } from "../../shared/items.ts";
import type { Tab } from "../../shared/tabs.ts";
import type { Problem, Result, TellProblem } from "../../client/http/problem.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { TopicHandler } from "../../client/realtime/live.ts";
import type { Draft, Outbox } from "../../client/sync/outbox.ts";
import type { ThreadEntry } from "../../client/sync/pending.ts";
import { createPaged, type Page, type PagedState } from "../../client/sync/paged.ts";
import { createReceipts } from "../../client/sync/receipts.ts";
import type { FetchOutcome, Refetcher } from "../../client/sync/refetcher.ts";
import type { Calls } from "./api.ts";
import type { List } from "./list.ts";
import { createClicks } from "./clicks.ts";
import { removeItem, UPDATED } from "./writes.ts";
import type { ThreadEvents, ThreadEventsSetup, Typing } from "./thread_events.ts";

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

/** An open thread. Lives until `close()`. */
export interface ThreadStore {
  readonly tab: Tab;
  readonly state: ReadonlySignal<ThreadState>;
  /** What the visitor is writing; what was refused comes back to it. */
  readonly draft: ReadonlySignal<Draft>;
  setDraft(text: string): void;
  reload(): void;
  loadOlder(): void;
  /**
   * Takes the draft's place: shows the entry at once and sends it; `body` is trimmed by the caller and not
   * empty.
   */
  send(body: string): void;
  /** Sends a `failed` or `not_confirmed` entry again, with the same `clientId`. */
  resend(clientId: string): void;
  discard(clientId: string): void;
  /** Discards it and puts its text back into the draft. */
  edit(clientId: string): void;
  /**
   * True while the newest entry is on a visible screen: read receipts are sent only then (docs/realtime.md,
   * rule 6).
   */
  setReading(reading: boolean): void;
  remove(): Promise<Problem | null>;
  close(): void;
}

/** What the rest of the core sees of a thread. */
export interface Thread extends ThreadStore {
  readonly refetcher: Refetcher;
  readonly itemId: string | null;
  /** Name of the conversation's channel, from the newest answer that told it. */
  readonly channel: string | undefined;
  /** What a broadcast on that channel does. */
  readonly listener: TopicHandler;
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
  /** Where the thread is a row. */
  list: List;
  outbox: Outbox<CreateItemAnswer>;
  hooks: {
    onFetched(startedAt: number, outcome: FetchOutcome): void;
    onChannel(): void;
    /** An entry by somebody else came while the thread was open. */
    onForeignEntry(itemId: string, entry: Entry): void;
    /** Somebody's entry carried a `clientId`. */
    onEcho(): void;
    onProblem: TellProblem;
  };
}

interface ThreadPage extends Page<Entry> {
  unchanged: boolean;
  answer: ItemClickedAnswer;
}

const EMPTY: ThreadState = {
  status: "loading",
  item: null,
  entries: [],
  hasOlder: false,
  loadingOlder: false,
};

export function createThread(setup: ThreadSetup): Thread {
  const { scope, list, outbox } = setup;
  const { state, source, paged, events, setReading, considerReading, show } = createThreadView(setup);
  const { refetcher } = paged;

  function close() {
    outbox.watch(null);
    scope.end();
  }

  outbox.watch({
    onChange: () => show(),
    onAccepted(answer) {
      source.accepted(answer);
      show();
      // An entry in the answer is as good as a fetch: the owner's broadcast brings the rest.
      if (!answer.entry || !source.isFetched) refetcher.refetch();
    },
  });
  refetcher.ensure();

  return {
    tab: list.tab,
    state,
    refetcher,
    listener: { onJoined: refetcher.subscribed, onEvent: events.receive },
    get itemId() {
      return outbox.itemId;
    },
    get channel() {
      return source.channel;
    },
    draft: outbox.draft,
    setDraft: outbox.setDraft,
    reload: paged.reload,
    loadOlder: paged.loadMore,
    send: outbox.add,
    resend: outbox.resend,
    discard: outbox.discard,
    edit: outbox.edit,
    clear() {
      close();
      outbox.clear();
      state.value = EMPTY;
    },
    setReading,
    listChanged: considerReading,
    async remove() {
      const { itemId } = outbox;
      const problem = itemId === null ? null : await removeItem(list, itemId);
      if (problem) refetcher.refetch();
      return problem;
    },
    close,
  };
}

/** What the thread shows, and what changes that: pages, broadcasts, what is being sent. */
function createThreadView(setup: ThreadSetup) {
  const { scope, outbox, hooks } = setup;
  const source = createThreadSource(setup);
  const news = createNews(setup);
  const unread = createUnreadMark();
  const status = outbox.itemId === null ? "ready" : "loading";
  const state = signal<ThreadState>({ ...EMPTY, status, entries: outbox.entries() });
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

/** What the open thread did not show before; the page is told of each foreign entry once. */
function createNews({ outbox, hooks }: ThreadSetup) {
  const told = new Set<string>();
  let ofPage: Entry[] = [];
  let wasOpened = outbox.itemId === null;

  function tell(entry: Entry) {
    if (entry.author.role === "visitor" || outbox.itemId === null || told.has(entry.id)) return;
    told.add(entry.id);
    hooks.onForeignEntry(outbox.itemId, entry);
  }

  return {
    tell,
    /** What a thread shows when it is opened is no news. */
    pageCame(before: Entry[], entries: Entry[]) {
      const known = new Set(before.map(({ id }) => id));
      ofPage = wasOpened ? entries.filter(({ id }) => !known.has(id)) : [];
      wasOpened = true;
    },
    tellPage() {
      for (const entry of ofPage.splice(0)) tell(entry);
    },
  };
}

/**
 * Where the entries begin that the visitor had not read: at first as many as the owner counts, later what came
 * while nobody looked. The mark stays until others come like that, so that nothing moves while it is read.
 */
function createUnreadMark() {
  let opened: number | null = null;
  let isFirst = true;
  let reading = false;
  let seen: string | undefined;
  let from: string | undefined;
  let newest: string | undefined;

  return {
    /** The owner counts so many as unread; only what is shown first is asked. */
    count(unread: number) {
      if (isFirst) opened = unread;
      isFirst = false;
    },
    setReading(next: boolean) {
      reading = next;
      seen = newest;
    },
    from(entries: Entry[]): string | undefined {
      const foreign = entries.filter(({ author }) => author.role !== "visitor");
      newest = foreign.at(-1)?.id;
      if (opened !== null) from = foreign.slice(-opened || foreign.length)[0]?.id;
      else if (!reading && newest !== seen) {
        from = foreign[foreign.findIndex(({ id }) => id === seen) + 1]?.id;
      }
      if (opened !== null || reading) seen = newest;
      opened = null;
      return from;
    },
  };
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

/** What `tab-action` tells about the conversation that the outbox writes to. */
function createThreadSource({ calls, list, outbox, hooks }: ThreadSetup) {
  const { tab, markRead } = list;
  const canMarkRead = tab.actions.includes("update_item");
  const clicks = createClicks(calls, tab.id);
  let item: Item | null = null;
  let channelTold: string | undefined;
  let channel: string | undefined;

  /**
   * The names are withheld for a while after a rotation: until the new one is told, the former one is
   * listened to.
   */
  function listen(name: string | undefined) {
    if (name === undefined || name === channel) return;
    channel = name;
    hooks.onChannel();
  }

  async function fetch(itemId: string, cursor?: string): Promise<Result<ThreadPage>> {
    const result = await clicks.send(itemId, cursor);
    if (!result.ok) return result;
    const { answer, unchanged } = result.value;
    if (cursor === undefined) {
      item = answer.item;
      channelTold = answer.conversationChannel;
    }
    const { entries, nextCursor } = answer;
    return { ok: true, value: { answer, rows: entries.toReversed(), nextCursor, unchanged } };
  }

  return {
    get item() {
      return item;
    },
    get channel() {
      return channel;
    },
    get isFetched() {
      return clicks.isFetched;
    },
    /** Listens to the channel that the last fetch told. */
    fetched: () => listen(channelTold),
    /** An entry was accepted, and may have made the conversation. */
    accepted(answer: CreateItemAnswer) {
      item ??= answer.item ?? null;
      if (!channel) listen(answer.conversationChannel);
    },
    unread(): number {
      const row = list.state.value.items.find(({ id }) => id === outbox.itemId);
      return Math.max(item?.unread ?? 0, row?.unread ?? 0);
    },
    fetchPage: (cursor?: string) => outbox.itemId === null ? null : fetch(outbox.itemId, cursor),
    async markRead(): Promise<boolean> {
      const { itemId } = outbox;
      if (!canMarkRead || itemId === null) return true;
      const request = { action: "update_item", tabId: tab.id, itemId, changes: { read: true } } as const;
      const result = await calls.act<UpdateItemAnswer>(request, UPDATED);
      if (result.ok) markRead(itemId);
      return result.ok;
    },
  };
}
