import type { Envelope } from "../../shared/envelope.ts";
import type { Scope } from "../platform/scope.ts";
import type { Signal } from "../platform/signal.ts";
import { createConnection } from "./connection.ts";
import { createConnectionPolicy } from "./connection_policy.ts";
import { createPollingFallback, type LiveState } from "./polling_fallback.ts";
import type { RealtimeEnvironment } from "./socket.ts";

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
