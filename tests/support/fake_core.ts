import { type Signal, signal } from "../../client/platform/emitter.ts";
import type { Entry, Item } from "../../shared/items.ts";
import type { Office, Tab } from "../../shared/tabs.ts";
import type { Problem, Result } from "../../client/http/problem.ts";
import type { LiveState } from "../../client/realtime/live.ts";
import type { Draft } from "../../client/sync/outbox.ts";
import type { Core, CoreEvents } from "../../widget/core/core.ts";
import type { ListState, ListStore } from "../../widget/core/list.ts";
import type { NotSent } from "../../widget/core/outboxes.ts";
import type { SessionState } from "../../widget/core/session/session.ts";
import type { RecordState, RecordStore } from "../../widget/core/record.ts";
import type { KeptConversation } from "../../widget/core/kept_conversation.ts";
import type { ThreadStore } from "../../widget/core/thread.ts";
import type { ThreadState } from "../../widget/core/thread_view.ts";

/** A list whose state and answers a test sets by hand. */
export interface FakeList extends ListStore {
  readonly state: Signal<ListState>;
  opened: number;
}

/** A thread whose state a test sets by hand; what the panel asked of it is kept in `calls`. */
export interface FakeThread extends ThreadStore {
  readonly state: Signal<ThreadState>;
  readonly draft: Signal<Draft>;
  readonly calls: string[];
  reading: boolean;
  /** Id of the newest entry that was told as seen. */
  seen: string | undefined;
}

/** A record whose state a test sets by hand; what the panel asked of it is kept in `calls`. */
export interface FakeRecord extends RecordStore {
  readonly state: Signal<RecordState>;
  readonly calls: string[];
}

export interface FakeCore extends Core {
  readonly session: Signal<SessionState>;
  readonly live: Signal<LiveState>;
  readonly unreadByTab: Signal<Readonly<Record<string, number>>>;
  readonly notSent: Signal<NotSent>;
  /** What the open panel shows, as kept for the next page. */
  shownText: string | null;
  /** Unsaved forms by item id. */
  readonly forms: Map<string, string>;
  due: boolean;
  /** What the panel asked of the core, oldest first, such as `"identify token"`. */
  readonly calls: string[];
  readonly lists: Map<string, FakeList>;
  readonly threads: FakeThread[];
  readonly records: FakeRecord[];
  /** The answer to the next update or delete. */
  refusal: Problem | null;
  /** The answer when a conversation asks whether somebody is there. */
  office: Office | null;
  emit<Name extends keyof CoreEvents>(name: Name, detail: CoreEvents[Name]): void;
  listeners(): number;
}

export interface FakeCoreData {
  session: SessionState;
  items?: Record<string, Item[]>;
  entries?: Record<string, Entry[]>;
}

/** A core without network or timers, for tests of the panel. */
export function createFakeCore(data: FakeCoreData): FakeCore {
  const session = signal<SessionState>(data.session);
  const unreadByTab = signal<Readonly<Record<string, number>>>({});
  const unread = signal(0);
  unreadByTab.subscribe((counts) => {
    unread.value = Object.values(counts).reduce((sum, count) => sum + count, 0);
  });
  const calls: string[] = [];
  const lists = new Map<string, FakeList>();
  const threads: FakeThread[] = [];
  const records: FakeRecord[] = [];
  const handlers = new Map<string, Set<(detail: never) => void>>();
  const itemOf = (tabId: string, itemId: string | null) =>
    data.items?.[tabId]?.find(({ id }) => id === itemId) ?? null;
  const tabs = () => session.value.status === "ready" ? session.value.tabs : [];

  const core: FakeCore = {
    session,
    live: signal<LiveState>("live"),
    unreadByTab,
    unread,
    notSent: signal<NotSent>(new Map()),
    isLeftOpen: () => core.due || core.shownText !== null,
    due: false,
    shownText: null,
    shown: {
      read: () => core.shownText,
      keep(text) {
        core.shownText = text;
      },
    },
    forms: new Map(),
    form: (_tabId, itemId) => ({
      read: () => core.forms.get(itemId) ?? "",
      keep: (text) => void core.forms.set(itemId, text),
    }),
    calls,
    lists,
    threads,
    records,
    refusal: null,
    office: null,
    start() {
      calls.push("start");
      return Promise.resolve();
    },
    identify(userToken) {
      calls.push(`identify ${userToken}`);
      return Promise.resolve();
    },
    logout() {
      calls.push("logout");
      core.emit("unread", 0);
    },
    setPanelOpen(open) {
      calls.push(open ? "panel open" : "panel closed");
    },
    list(tabId) {
      const known = lists.get(tabId);
      if (known) return known;
      const made = createFakeList(tabOf(tabs(), tabId), data.items?.[tabId] ?? [], () => core.refusal);
      lists.set(tabId, made);
      return made;
    },
    useThreads() {},
    prepareThread: () => null,
    openThread(tabId, itemId) {
      const made = createFakeThread(
        tabOf(tabs(), tabId),
        itemOf(tabId, itemId),
        data.entries?.[itemId ?? ""] ?? [],
        () => core.refusal,
        () => core.office,
      );
      threads.push(made);
      return made;
    },
    openRecord(tabId, itemId) {
      const made = createFakeRecord(tabOf(tabs(), tabId), itemOf(tabId, itemId), () => core.refusal);
      records.push(made);
      return made;
    },
    on(name, handler) {
      const known = handlers.get(name) ?? new Set();
      handlers.set(name, known.add(handler));
      return () => known.delete(handler);
    },
    shutdown() {
      calls.push("shutdown");
      handlers.clear();
    },
    emit(name, detail) {
      for (const handler of handlers.get(name) ?? []) handler(detail as never);
    },
    listeners: () => [...handlers.values()].reduce((sum, set) => sum + set.size, 0),
  };
  return core;
}

function tabOf(tabs: Tab[], id: string): Tab {
  const tab = tabs.find((tab) => tab.id === id);
  if (!tab) throw new Error(`There is no tab "${id}".`);
  return tab;
}

function createFakeList(tab: Tab, items: Item[], refusal: () => Problem | null): FakeList {
  const state = signal<ListState>({ status: "ready", items, hasMore: false, loadingMore: false });
  const list: FakeList = {
    tab,
    state,
    opened: 0,
    open() {
      list.opened++;
    },
    loadMore() {
      state.value = { ...state.value, loadingMore: true };
    },
    writing: {
      environment: { nextInOrder: () => 0 },
      calls: {
        act<Answer>(): Promise<Result<Answer>> {
          const problem = refusal();
          return Promise.resolve(problem ? { ok: false, problem } : { ok: true, value: {} as Answer });
        },
      },
      refetch() {},
      onItem() {},
      onRemoved(itemId) {
        state.value = { ...state.value, items: state.value.items.filter(({ id }) => id !== itemId) };
      },
      onProblem() {},
    },
  };
  return list;
}

function createFakeThread(
  tab: Tab,
  item: Item | null,
  entries: Entry[],
  refusal: () => Problem | null,
  office: () => Office | null,
): FakeThread {
  const state = signal<ThreadState>({ status: "ready", item, entries, hasOlder: false, loadingOlder: false });
  const draft = signal<Draft>({ text: "" });
  const calls: string[] = [];
  const thread: FakeThread = {
    tab,
    ...(tab.source === "store" ? { kept: createFakeKept(state, calls, refusal, office) } : {}),
    state,
    draft,
    setDraft(text) {
      draft.value = { text };
    },
    edit: (clientId) => void calls.push(`edit ${clientId}`),
    calls,
    reading: false,
    seen: undefined,
    reload: () => void calls.push("reload"),
    loadOlder() {
      calls.push("older");
      state.value = { ...state.value, loadingOlder: true };
    },
    send(body) {
      calls.push(`send ${body}`);
      draft.value = { text: "" };
      const clientId = `client-${calls.length}`;
      const sent = {
        id: clientId,
        clientId,
        author: { role: "visitor" as const },
        body,
        attachments: [],
        fields: {},
      };
      const createdAt = new Date().toISOString();
      const entries = [...state.value.entries, { ...sent, createdAt, delivery: "sending" as const }];
      state.value = { ...state.value, entries };
    },
    resend: (clientId) => void calls.push(`resend ${clientId}`),
    discard: (clientId) => void calls.push(`discard ${clientId}`),
    setReading(reading, seen) {
      thread.reading = reading;
      thread.seen = seen ?? thread.seen;
    },
    remove() {
      calls.push("remove");
      return Promise.resolve(refusal());
    },
    close: () => void calls.push("close"),
  };
  return thread;
}

/** Done at once, as the answers tell it. */
function createFakeKept(
  state: Signal<ThreadState>,
  calls: string[],
  refusal: () => Problem | null,
  office: () => Office | null,
): KeptConversation {
  let introduced = "";
  const edits = new Map<string, { text: string; version?: string }>();
  return {
    edits: () => ({
      read: (entryId) => edits.get(entryId),
      keep: (entryId, text, version) =>
        void (text ? edits.set(entryId, { text, version }) : edits.delete(entryId)),
      clear: () => edits.clear(),
    }),
    askForPerson(needsHuman) {
      calls.push(`person ${needsHuman}`);
      const { item } = state.value;
      if (!refusal() && item) {
        state.value = { ...state.value, item: { ...item, fields: { needsHuman, asked: needsHuman } } };
      }
      return Promise.resolve(refusal());
    },
    change(entryId, body) {
      calls.push(`change ${entryId} ${JSON.stringify(body)}`);
      const at = new Date().toISOString();
      const done = body === null ? { body: "", deletedAt: at } : { body, editedAt: at };
      const entries = state.value.entries.map((each) => each.id === entryId ? { ...each, ...done } : each);
      if (!refusal()) state.value = { ...state.value, entries };
      return Promise.resolve(refusal());
    },
    stop(entryId) {
      calls.push(`stop ${entryId}`);
      return Promise.resolve(refusal());
    },
    introduce(visitor) {
      calls.push(`introduce ${JSON.stringify(visitor)}`);
      return Promise.resolve(refusal());
    },
    isIntroduced: (visitorId) => introduced === visitorId,
    setIntroduced(visitorId) {
      introduced = visitorId;
    },
    push: () => Promise.resolve(null),
    office() {
      calls.push("office");
      return Promise.resolve(office());
    },
    isGone: () => state.value.problem?.code === "item_not_found",
  };
}

function createFakeRecord(tab: Tab, item: Item | null, refusal: () => Problem | null): FakeRecord {
  const calls: string[] = [];
  return {
    tab,
    state: signal<RecordState>({ status: "ready", item }),
    calls,
    reload: () => void calls.push("reload"),
    update(changes) {
      calls.push(`update ${JSON.stringify(changes)}`);
      return Promise.resolve(refusal());
    },
    remove() {
      calls.push("remove");
      return Promise.resolve(refusal());
    },
    close: () => void calls.push("close"),
  };
}
