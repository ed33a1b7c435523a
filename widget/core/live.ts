import type { Signal } from "../../client/platform/signal.ts";
import type { RealtimeEnvironment } from "../../client/realtime/socket.ts";
import type { Scope } from "../../client/platform/scope.ts";
import type { Session } from "./session/session.ts";
import type { Lists } from "./lists.ts";
import type { FetchOutcome, Refetcher } from "../../client/sync/refetcher.ts";
import type { Threads } from "./threads.ts";
import type { LiveState } from "../../client/realtime/polling_fallback.ts";
import type { CoreOptions } from "./core.ts";
import { createConnection } from "../../client/realtime/connection.ts";
import { createDemand } from "../../client/realtime/connection_policy.ts";
import { createOutage } from "../../client/realtime/polling_fallback.ts";

const HOUR = 3_600_000;

/** Listens for hints on the visitor's and the open conversation's channel, and says what must be fetched. */
export interface Live {
  setPanelOpen(open: boolean): void;
  setVisible(visible: boolean): void;
  hasConversation(): void;
  /** The names may have changed: moves to the current ones. */
  listen(): void;
  /** The page goes to the back/forward cache, where an open socket would keep it from being stored. */
  pause(): void;
  /** The page came back; `replace` if its socket can't be trusted. */
  wake(replace: boolean): void;
  fetched(startedAt: number, outcome: FetchOutcome): void;
  /** The session stands, or stands again. */
  sessionChanged(): void;
}

export interface LiveSetup {
  environment: RealtimeEnvironment;
  scope: Scope;
  options: Pick<CoreOptions, "apiOrigin">;
  session: Session;
  lists: Lists;
  /** `null` until one was opened. */
  threads(): Threads | null;
  state: Signal<LiveState>;
  refetchOpen(): void;
  ensureOpen(): void;
}

export function createLive(setup: LiveSetup): Live {
  const { environment, scope, options, session, lists, threads, state, refetchOpen, ensureOpen } = setup;
  let demanded = false;
  let paused = false;
  let complete = false;
  let cancelUpkeep = () => {};

  const connection = createConnection({
    environment,
    scope,
    url: `${options.apiOrigin.replace(/^http/, "ws")}/realtime/v1`,
    key: () => session.answer?.realtime.key ?? "",
    prepare: () => session.isDue() ? session.revalidate().then((problem) => problem === null) : null,
    events: {
      onJoined: (topic, again) => resourcesOf(topic).forEach((resource) => resource.subscribed(again)),
      onHint: (topic) => resourcesOf(topic).forEach((resource) => resource.hint()),
      onRefused: () => void session.revalidate().then((problem) => !problem && refetchOpen()),
      onComplete(now) {
        complete = now;
        if (complete) threads()?.flush();
        report();
      },
    },
  });
  const outage = createOutage({ environment, scope, state, poll: ensureOpen });
  const demand = createDemand(environment, scope, (wanted) => {
    demanded = wanted;
    listen();
  });

  /** docs/realtime.md, rule 4. */
  function resourcesOf(topic: string): Refetcher[] {
    const opened = threads()?.open;
    if (topic !== lists.channel) return topic === opened?.channel ? [opened.refetcher] : [];
    return lists.inOrder().filter(({ tab }) => tab.category === "messaging").map(({ refetcher }) =>
      refetcher
    );
  }

  function isWanted(): boolean {
    const hasMessaging = session.answer?.tabs.some(({ category }) => category === "messaging");
    return demanded && !paused && hasMessaging === true;
  }

  function listen() {
    const names = isWanted() ? [lists.channel, threads()?.open?.channel] : [];
    connection.want(names.filter((name) => name !== undefined));
    report();
  }

  function report() {
    if (scope.ended) return;
    // Without a channel's name it is the list that is missing, and it says so itself.
    const away = !complete && lists.channel !== undefined;
    outage.update({ wanted: isWanted(), away, complete });
  }

  /** A page that only listens makes no calls, so nothing else would notice that its session has ended. */
  function keepSession(milliseconds: number) {
    cancelUpkeep();
    cancelUpkeep = scope.after(milliseconds, async () => {
      const problem = isWanted() ? await session.revalidate() : null;
      if (problem) keepSession(milliseconds);
    });
  }

  scope.onEnd(() => {
    connection.want([]);
    state.value = "off";
  });

  return {
    setPanelOpen: demand.setPanelOpen,
    setVisible: demand.setVisible,
    hasConversation: demand.setHasConversation,
    listen,
    pause() {
      paused = true;
      listen();
    },
    wake(replace) {
      paused = false;
      connection.wake(replace);
      listen();
    },
    fetched(startedAt, outcome) {
      if (outcome === "changed" || outcome === "unchanged") outage.fetched(startedAt);
      report();
    },
    sessionChanged() {
      listen();
      const { expiresAt, revalidateAfter } = session.answer ?? { expiresAt: "", revalidateAfter: 0 };
      const left = Date.parse(expiresAt) - environment.now();
      keepSession(Math.max(revalidateAfter * 1000, Math.min(left, HOUR)));
    },
  };
}
