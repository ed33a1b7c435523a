import type { Envelope } from "../../shared/envelope.ts";
import type { Scope } from "../platform/scope.ts";
import type { Signal } from "../platform/emitter.ts";
import { createConnection } from "./connection.ts";
import { createConnectionPolicy } from "./connection_policy.ts";
import type { RealtimeEnvironment } from "./socket.ts";
import { pollDelay } from "../platform/delays.ts";
import type { Environment } from "../platform/environment.ts";

/** Who listens to a topic. */
export interface TopicHandler {
  /** The topic was joined; `again` after a reconnect. */
  onJoined(again: boolean): void;
  /** `null` for a broadcast that is no envelope: something has happened. */
  onEvent(envelope: Envelope | null): void;
}

/** Listens while this page is worth a connection, and has the front poll when it can't. */
export interface Live {
  setPanelOpen(open: boolean): void;
  setVisible(visible: boolean): void;
  hasConversation(): void;
  /** The topics may have changed: moves to the current ones. */
  listen(): void;
  /** The page goes to the back/forward cache, where an open socket would keep it from being stored. */
  pause(): void;
  /** The page came back; `replace` if its socket can't be trusted. */
  wake(replace: boolean): void;
  /** A fetch that started then was applied. */
  fetched(startedAt: number): void;
  /** Somebody looks, and there is something to listen to. */
  isWanted(): boolean;
}

export interface LiveSetup {
  environment: RealtimeEnvironment;
  scope: Scope;
  /** Of the project; ends in `/realtime/v1`. */
  url: string;
  /** The publishable key. */
  key(): string;
  /** What must be done before a socket may open, or `null`; resolves to whether it may. */
  prepare(): Promise<boolean> | null;
  /** False while there is nothing that anybody could publish to. */
  isUseful(): boolean;
  topics(): ReadonlyMap<string, TopicHandler>;
  state: Signal<LiveState>;
  poll(): void;
  onRefused(): void;
  onComplete(): void;
}

export function createLive(setup: LiveSetup): Live {
  const { environment, scope, isUseful, topics, state, poll, onRefused, onComplete } = setup;
  let demanded = false;
  let paused = false;
  let complete = false;

  const connection = createConnection({
    ...setup,
    events: {
      onJoined: (topic, again) => topics().get(topic)?.onJoined(again),
      onEvent: (topic, envelope) => topics().get(topic)?.onEvent(envelope),
      onRefused,
      onComplete(now) {
        complete = now;
        if (complete) onComplete();
        report();
      },
    },
  });
  const fallback = createPollingFallback({ environment, scope, state, poll });
  const policy = createConnectionPolicy(environment, scope, (wanted) => {
    demanded = wanted;
    listen();
  });

  const isWanted = () => demanded && !paused && isUseful();

  function listen() {
    connection.want(isWanted() ? [...topics().keys()] : []);
    report();
  }

  function report() {
    if (scope.ended) return;
    // Without a channel's name it is the list that is missing, and it says so itself.
    fallback.update({ wanted: isWanted(), away: !complete && topics().size > 0, complete });
  }

  scope.onEnd(() => {
    connection.want([]);
    state.value = "off";
  });

  return {
    setPanelOpen: policy.setPanelOpen,
    setVisible: policy.setVisible,
    hasConversation: policy.setHasConversation,
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
    fetched(startedAt) {
      fallback.fetched(startedAt);
      report();
    },
    isWanted,
  };
}

/**
 * `offline`: there is no network, or the socket has been away for more than three seconds (docs/realtime.md,
 * rule 11); the banner shows.
 */
export type LiveState = "off" | "connecting" | "live" | "offline";

const OFFLINE_AFTER = 3000;

/**
 * What the visitor is told about the connection, and the polling that stands in for it (docs/realtime.md,
 * rule 11).
 */
interface PollingFallback {
  /** `away`: something can't be heard that should be. */
  update(now: { wanted: boolean; away: boolean; complete: boolean }): void;
  /** A fetch that started then was applied. */
  fetched(startedAt: number): void;
}

interface PollingFallbackSetup {
  environment: Environment;
  scope: Scope;
  state: Signal<LiveState>;
  poll(): void;
}

function createPollingFallback(
  { environment, scope, state, poll }: PollingFallbackSetup,
): PollingFallback {
  let completeSince: number | null = null;
  let cancelOffline: (() => void) | null = null;
  let cancelPoll: (() => void) | null = null;

  function stopTimers() {
    cancelOffline?.();
    cancelPoll?.();
    cancelOffline = cancelPoll = null;
  }

  function pollLater(attempt: number) {
    cancelPoll = scope.after(pollDelay(attempt, environment.random), () => {
      // A hidden page stays silent; what it missed is fetched when it is looked at again.
      if (environment.page.isVisible()) poll();
      pollLater(attempt + 1);
    });
  }

  function goOffline() {
    stopTimers();
    state.value = "offline";
    pollLater(0);
  }

  return {
    update({ wanted, away, complete }) {
      completeSince = complete ? completeSince ?? environment.nextInOrder() : null;
      if (!wanted) {
        stopTimers();
        state.value = "off";
      } else if (state.value === "offline") {
        return;
      } else if (!environment.page.isOnline()) {
        // The socket may seem alive for another minute.
        goOffline();
      } else if (complete) {
        stopTimers();
        state.value = "live";
      } else {
        state.value = "connecting";
        if (away) cancelOffline ??= scope.after(OFFLINE_AFTER, goOffline);
      }
    },
    fetched(startedAt) {
      const isBack = completeSince !== null && startedAt >= completeSince && environment.page.isOnline();
      if (state.value !== "offline" || !isBack) return;
      stopTimers();
      state.value = "live";
    },
  };
}
