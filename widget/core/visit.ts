import type { Signal } from "../../client/platform/signal.ts";
import type { Tab } from "../../shared/tabs.ts";
import { createTransport } from "../../client/http/transport.ts";
import { CLIENT, createApi, createCalls } from "./api.ts";
import type { Emitter } from "../../client/platform/emitter.ts";
import type { RealtimeEnvironment } from "../../client/realtime/socket.ts";
import { createLive } from "./live.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { createSession } from "./session/session.ts";
import type { SessionStore } from "./session/store.ts";
import { createLists } from "./lists.ts";
import type { CreateThreads, Threads } from "./threads.ts";
import type { Problem } from "../../client/http/problem.ts";
import type { LiveState } from "../../client/realtime/polling_fallback.ts";
import type { CoreEvents, CoreOptions } from "./core.ts";
import type { ListStore } from "./list.ts";
import type { SessionState } from "./session/session.ts";
import type { ThreadStore } from "./thread.ts";
import { createWakening } from "./page_lifecycle.ts";

/** All that belongs to one visitor. It ends as a whole with its scope, so nothing can pass to the next visitor. */
export interface Visit {
  start(): Promise<void>;
  setPanelOpen(open: boolean): void;
  list(tabId: string): ListStore;
  openItem(tabId: string, itemId: string | null): ThreadStore;
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
  };
  createThreads: CreateThreads;
  /** This visit can't go on; another one takes its place. `resume`: it starts by itself. */
  onOver(next: { resume: boolean }): void;
}

export function createVisit(setup: VisitSetup): Visit {
  const { environment, options, store, emitter, signals, onOver } = setup;
  const scope = setup.parent.child();
  let threads: Threads | null = null;
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
        emitter.emit("ready", { endUser });
        for (const tab of tabs) if (tab.category === "messaging") lists.of(tab).refetcher.ensure();
      },
      onValidated: () => live.sessionChanged(),
      onChannelsChanged: refetchOpen,
      onOtherVisitor: () => onOver({ resume: true }),
      onRefused: () => onOver({ resume: false }),
      onProblem: (problem) => emitter.emit("error", problem),
    },
  });
  const calls = createCalls(api, session.call);
  const lists = createLists({
    environment,
    scope,
    calls,
    unreadByTab: signals.unreadByTab,
    onFetched: (startedAt, outcome) => live.fetched(startedAt, outcome),
    onChannelChanged(former) {
      live.listen();
      // The list was the first to hear of a new signing secret.
      if (former) refetchOpen();
    },
    onProblem,
    onChange(list) {
      threads?.listChanged(list.tab);
      if (list.tab.category === "messaging" && list.state.value.items.length > 0) live.hasConversation();
    },
  });
  const live = createLive({
    environment,
    scope,
    options,
    session,
    lists,
    threads: () => threads,
    state: signals.live,
    refetchOpen,
    ensureOpen,
  });
  const wakening = createWakening({ environment, scope, session, live, refetchOpen, ensureOpen });

  /** Each resource once more, even if a fetch of it is on its way. */
  function refetchOpen() {
    for (const list of lists.inOrder()) list.refetcher.refetch();
    threads?.open?.refetcher.refetch();
    threads?.flush();
  }

  /** Each resource once, or the fetch of it that is on its way. */
  function ensureOpen() {
    for (const list of lists.inOrder()) list.refetcher.ensure();
    threads?.open?.refetcher.ensure();
  }

  function onProblem(problem: Problem) {
    if (!scope.ended) emitter.emit("error", problem);
  }

  function tabOf(tabId: string): Tab {
    const tab = session.answer?.tabs.find(({ id }) => id === tabId);
    if (!tab) throw new Error(`There is no tab ${tabId} in this session.`);
    return tab;
  }

  return {
    start: session.start,
    setPanelOpen(open) {
      live.setPanelOpen(open);
      wakening.setPanelOpen(open);
    },
    list: (tabId) => lists.of(tabOf(tabId)),
    openItem(tabId, itemId) {
      const tab = tabOf(tabId);
      threads ??= setup.createThreads({
        environment,
        agentId: options.agentId,
        scope,
        calls,
        lists,
        onFetched: live.fetched,
        onChannelChanged: live.listen,
        onMessage: (detail) => emitter.emit("message", detail),
        onProblem,
      });
      return threads.openItem(tab, itemId);
    },
    takeToken: session.takeToken,
    end: scope.end,
  };
}
