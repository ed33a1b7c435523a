import type { Emitter, Signal } from "../../client/platform/emitter.ts";
import type { Tab } from "../../shared/tabs.ts";
import { createTransport } from "../../client/http/transport.ts";
import { type Calls, CLIENT, createApi } from "./api.ts";
import type { RealtimeEnvironment } from "../../client/realtime/socket.ts";
import { createVisitorLive, type VisitorLive } from "./live.ts";
import type { FetchOutcome } from "../../client/sync/refetcher.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { createSession, type Session, type SessionState } from "./session/session.ts";
import type { SessionStore } from "./session/store.ts";
import { createLists } from "./lists.ts";
import type { NotSent } from "./outboxes.ts";
import type { CreateThreads, KeptForm, Threads } from "./threads.ts";
import type { Problem } from "../../client/http/problem.ts";
import type { LiveState } from "../../client/realtime/live.ts";
import type { CoreEvents, CoreOptions } from "./core.ts";
import type { ListStore } from "./list.ts";
import type { CreateRecord, RecordStore } from "./record.ts";
import type { ThreadStore } from "./thread.ts";
import { createPageLifecycle } from "./page_lifecycle.ts";

/**
 * All that belongs to one visitor. It ends as a whole with its scope, so nothing can pass to the next
 * visitor.
 */
export interface Visit {
  start(): Promise<void>;
  startLater(): void;
  setPanelOpen(open: boolean): void;
  list(tabId: string): ListStore;
  prepareThread(tabId: string): Promise<void> | null;
  openThread(tabId: string, itemId: string | null): ThreadStore;
  openRecord(tabId: string, itemId: string, create: CreateRecord): RecordStore;
  form(tabId: string, itemId: string): KeptForm;
  /** The code of threads is there: what was written on earlier pages goes on. */
  threadsLoaded(): void;
  /** False if the token is another visitor's. */
  takeToken(userToken: string): boolean;
  end(): void;
}

export interface VisitSetup {
  environment: RealtimeEnvironment;
  /** The core's; the visit makes its own in it. */
  parent: Scope;
  options: CoreOptions;
  store: SessionStore;
  emitter: Emitter<CoreEvents>;
  signals: {
    session: Signal<SessionState>;
    live: Signal<LiveState>;
    unreadByTab: Signal<Readonly<Record<string, number>>>;
    notSent: Signal<NotSent>;
  };
  /** `null` until its code is there. */
  createThreads(): CreateThreads | null;
  /** This visit can't go on; another one takes its place, and starts by itself or not. */
  onOver(next: { starts: "now" | "later" | "never" }): void;
}

export function createVisit(setup: VisitSetup): Visit {
  const { environment, options, store, emitter, signals, onOver } = setup;
  const scope = setup.parent.child();
  const { apiOrigin } = options;
  const api = createApi(createTransport({ environment, scope, apiOrigin, client: CLIENT }));
  const session = createSession({
    environment,
    scope,
    api,
    store,
    options,
    state: signals.session,
    hooks: {
      onReady({ endUser, tabs }) {
        live.sessionChanged();
        threadsLoaded();
        emitter.emit("ready", { endUser });
        for (const tab of tabs) if (tab.category === "messaging") lists.of(tab).refetcher.ensure();
      },
      onValidated: () => live.sessionChanged(),
      onOutdated: () => resources.refetchOpen(),
      onOtherVisitor: () => onOver({ starts: "now" }),
      onRefused: (mayReturn) => onOver({ starts: mayReturn ? "later" : "never" }),
      onProblem: (problem) => emitter.emit("error", problem),
    },
  });
  const resources = createResources(setup, scope, session, api.callsWith(session.call), () => live);
  const { lists } = resources;
  const live = createVisitorLive({
    ...resources,
    environment,
    scope,
    options,
    session,
    state: signals.live,
  });
  const lifecycle = createPageLifecycle({ ...resources, environment, scope, session, live });

  function threadsLoaded() {
    if (session.answer && setup.createThreads()) resources.useThreads();
  }

  function tabOf(tabId: string): Tab {
    const tab = session.answer?.tabs.find(({ id }) => id === tabId);
    if (!tab) throw new Error(`No tab ${tabId}`);
    return tab;
  }

  return {
    start: session.start,
    startLater: session.startLater,
    setPanelOpen(open) {
      live.setPanelOpen(open);
      lifecycle.setPanelOpen(open);
    },
    list: (tabId) => lists.of(tabOf(tabId)),
    prepareThread: (tabId) => resources.useThreads().prepare(tabOf(tabId)),
    openThread: (tabId, itemId) => resources.useThreads().openThread(tabOf(tabId), itemId),
    openRecord: (tabId, ...record) => resources.useThreads().openRecord(tabOf(tabId), ...record),
    form: (tabId, itemId) => resources.useThreads().form(tabId, itemId),
    threadsLoaded,
    takeToken: session.takeToken,
    end: scope.end,
  };
}

/** What is fetched for the visitor: the lists, and the thread or record that is open. */
function createResources(
  setup: VisitSetup,
  scope: Scope,
  session: Session,
  calls: Calls,
  live: () => VisitorLive,
) {
  const { environment, options, emitter, signals } = setup;
  let threads: Threads | null = null;

  function onProblem(problem: Problem) {
    if (!scope.ended) emitter.emit("error", problem);
  }

  const onFetched = (startedAt: number, outcome: FetchOutcome) => live().fetched(startedAt, outcome);
  const lists = createLists({
    environment,
    scope,
    calls,
    unreadByTab: signals.unreadByTab,
    onFetched,
    onChannelChanged(moved) {
      live().listen();
      // The list was the first to hear of a new signing secret.
      if (moved) refetchOpen();
    },
    onProblem,
    onChange(list) {
      threads?.listChanged(list.tab);
      if (list.tab.category === "messaging" && list.state.value.items.length > 0) live().hasConversation();
    },
  });

  /** Each resource once more, even if a fetch of it is on its way. */
  function refetchOpen() {
    for (const list of lists.inOrder()) list.refetcher.refetch();
    threads?.refetcher?.refetch();
    flush();
  }

  function flush() {
    threads?.flush();
  }

  function useThreads(): Threads {
    if (threads) return threads;
    const create = setup.createThreads();
    if (!create || !session.answer) throw new Error("useThreads");
    const { endUser, tabs } = session.answer;
    return threads = create({
      environment,
      agentId: options.agentId,
      viewerId: endUser.id,
      tabs,
      scope,
      calls,
      lists,
      notSent: signals.notSent,
      onFetched,
      onChannelChanged: () => live().listen(),
      onMessage: (detail) => emitter.emit("message", detail),
      onProblem,
    });
  }

  return {
    lists,
    /** `null` until one was opened. */
    threads: () => threads,
    useThreads,
    flush,
    refetchOpen,
    /** Each resource once, or the fetch of it that is on its way. */
    ensureOpen() {
      for (const list of lists.inOrder()) list.refetcher.ensure();
      threads?.refetcher?.ensure();
    },
  };
}
