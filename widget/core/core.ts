import { createEmitter, type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import type { EndUser } from "../../shared/api/validate_widget.ts";
import type { Entry } from "../../shared/items.ts";
import type { Problem } from "../../client/http/problem.ts";
import type { ListStore } from "./list.ts";
import type { CreateRecord, RecordStore } from "./record.ts";
import type { ThreadStore } from "./thread.ts";
import { browserEnvironment } from "../../client/platform/browser_environment.ts";
import { openRealtimeSocket } from "../../client/realtime/realtime_socket.ts";
import type { RealtimeEnvironment } from "../../client/realtime/socket.ts";
import { createScope } from "../../client/platform/scope.ts";
import { createSessionStore, storageKeys } from "./session/store.ts";
import type { LiveState } from "../../client/realtime/live.ts";
import type { SessionState } from "./session/session.ts";
import type { NotSent } from "./outboxes.ts";
import type { CreateThreads, KeptForm } from "./threads.ts";
import { createVisit, type Visit } from "./visit.ts";

export interface CoreEvents {
  /** Unread messages over all messaging tabs changed; those of store tabs, which show the same ones, count once. */
  unread: number;
  /** An entry by somebody else arrived in the open thread. */
  message: { tabId: string; itemId: string; entry: Entry };
  error: Problem;
  ready: { endUser: EndUser };
}

/** Everything the widget does without a DOM. Made by `createCore` in `core.ts`. */
export interface Core {
  readonly session: ReadonlySignal<SessionState>;
  readonly live: ReadonlySignal<LiveState>;
  /** Unread messages by tab id, from the server's numbers. */
  readonly unreadByTab: ReadonlySignal<Readonly<Record<string, number>>>;
  readonly unread: ReadonlySignal<number>;
  /** Conversations with a message that has not gone out, or with a draft. */
  readonly notSent: ReadonlySignal<NotSent>;
  /**
   * The former page had the panel open, or kept messages that may be sent without asking: the panel's code takes
   * up both.
   */
  isLeftOpen(): boolean;
  /** What the open panel shows, for the next page of this browser tab; `null` while it is closed. */
  readonly shown: { read(): string | null; keep(text: string | null): void };
  /**
   * Validates (or resumes the stored session) and, for a visitor who has conversations, goes live. Also the
   * retry of a failed session.
   */
  start(): Promise<void>;
  /** Another visitor, or the same one with a new token. Everything of the former visitor is dropped first. */
  identify(userToken: string): Promise<void>;
  /** Forgets the visitor here: session, lists, threads, channels. */
  logout(): void;
  /** The panel was opened or closed: decides on the socket, refetches what is shown. */
  setPanelOpen(open: boolean): void;
  list(tabId: string): ListStore;
  /**
   * Hands over the code of threads, which a page that shows only a badge does not load. Before both `open…`.
   */
  useThreads(create: CreateThreads): void;
  /**
   * `itemId: null` starts a new conversation. At most one thread or record is open; opening one closes the
   * former. A record brings its code along.
   */
  openThread(tabId: string, itemId: string | null): ThreadStore;
  /** Loads what threads of that tab need; `null` if they can be opened at once. */
  prepareThread(tabId: string): Promise<void> | null;
  openRecord(tabId: string, itemId: string, create: CreateRecord): RecordStore;
  /** The changes to a record that the visitor has not saved. */
  form(tabId: string, itemId: string): KeptForm;
  on<Name extends keyof CoreEvents>(name: Name, handler: (detail: CoreEvents[Name]) => void): () => void;
  /** Ends every timer, listener, request and socket. */
  shutdown(): void;
}

export interface CoreOptions {
  agentId: string;
  /** Origin of the Supabase project: functions and Realtime are derived from it. */
  apiOrigin: string;
  userToken?: string;
  /** Asked for a fresh token when the old one has expired. */
  getUserToken?: () => Promise<string | null>;
}

const NOTHING: NotSent = new Map();

/** Makes the widget's core. Nothing happens before it is used; `shutdown()` ends everything it began. */
export function createCore(options: CoreOptions, environment: RealtimeEnvironment = surroundings()): Core {
  const scope = createScope(environment);
  const emitter = createEmitter<CoreEvents>();
  const session = signal<SessionState>({ status: "idle" });
  const live = signal<LiveState>("off");
  const unreadByTab = signal<Readonly<Record<string, number>>>({});
  const unread = signal(0);
  const notSent = signal<NotSent>(NOTHING);
  const store = createSessionStore(environment.storage, options.agentId, () => {
    const message = "Storage is blocked.";
    emitter.emit("error", { code: "storage_blocked", message });
  });
  let panelOpen = false;
  let createThreads: CreateThreads | null = null;
  let visit: Visit | null = null;

  /** Ends the former visit with all it holds, and begins another. */
  function begin(userToken: string | undefined): Visit {
    unreadByTab.value = {};
    visit?.end();
    session.value = { status: "idle" };
    notSent.value = NOTHING;
    visit = createVisit({
      environment,
      parent: scope,
      options: { ...options, userToken },
      store,
      emitter,
      signals: { session, live, unreadByTab, notSent },
      createThreads: () => createThreads,
      onOver({ starts }) {
        const next = begin(userToken);
        if (starts === "now") void next.start();
        if (starts === "later") next.startLater();
      },
    });
    visit.setPanelOpen(panelOpen);
    return visit;
  }

  const current = () => visit ?? begin(options.userToken);

  unreadByTab.subscribe((counts) => {
    unread.value = countOnce(session.value, counts);
  });
  scope.onEnd(unread.subscribe((count) => emitter.emit("unread", count)));

  return {
    session,
    live,
    unreadByTab,
    unread,
    notSent,
    ...leftBehind(environment.storage, options.agentId),
    start: () => current().start(),
    async identify(userToken) {
      if (!current().takeToken(userToken)) await begin(userToken).start();
    },
    logout() {
      store.forgetVisitor();
      begin(undefined);
    },
    setPanelOpen(open) {
      panelOpen = open;
      current().setPanelOpen(open);
    },
    list: (tabId) => current().list(tabId),
    useThreads(create) {
      createThreads = create;
      visit?.threadsLoaded();
    },
    prepareThread: (tabId) => current().prepareThread(tabId),
    openThread: (tabId, itemId) => current().openThread(tabId, itemId),
    openRecord: (...record) => current().openRecord(...record),
    form: (tabId, itemId) => current().form(tabId, itemId),
    on: emitter.on,
    shutdown: scope.end,
  };
}

/** How much is unread in all tabs. Store tabs show the same conversations: the one where one is being read knows first. */
function countOnce(session: SessionState, counts: Readonly<Record<string, number>>): number {
  const { tabs = [] } = session as Partial<Extract<SessionState, { status: "ready" }>>;
  const own: Record<string, number> = {};
  for (const { id, source } of tabs) {
    const key = source === "store" ? 0 : id;
    const count = counts[id] ?? 0;
    own[key] = Math.min(count, own[key] ?? count);
  }
  return Object.values(own).reduce((sum, count) => sum + count, 0);
}

/** What the pages of this browser leave to the next one. */
function leftBehind(
  storage: RealtimeEnvironment["storage"],
  agentId: string,
): Pick<Core, "isLeftOpen" | "shown"> {
  const { shownKey, writingKey } = storageKeys(agentId);
  const read = () => storage.read("session", shownKey);
  return {
    isLeftOpen: () =>
      read() !== null ||
      // A look at the text will do: a page that shows only a badge has no code that reads it.
      Boolean(storage.read("local", writingKey)?.includes(`"due":true`)),
    shown: { read, keep: (text) => void storage.write("session", shownKey, text) },
  };
}

function surroundings(): RealtimeEnvironment {
  return { ...browserEnvironment(), openSocket: openRealtimeSocket };
}
