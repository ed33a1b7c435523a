import type { Envelope } from "../../shared/envelope.ts";
import { backoff, between } from "../platform/delays.ts";
import type { Scope } from "../platform/scope.ts";
import type { LiveSocket, RealtimeEnvironment } from "./socket.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** A connection that lasted this long was a good one: the next loss starts the backoff anew. */
const STABLE = 30 * SECOND;
const LONGEST_REFUSAL = 5 * MINUTE;
/** A connection with a publishable key lives at most 24 h (Supabase Realtime limits). */
const RENEWAL = { from: 22.5 * HOUR, to: 23.5 * HOUR };

export interface ConnectionEvents {
  /** `again`: this topic had been joined before on an earlier socket. */
  onJoined(topic: string, again: boolean): void;
  /** `null` for what is no envelope. */
  onEvent(topic: string, envelope: Envelope | null): void;
  /** The server refused a join: the right to it may be lost. */
  onRefused(): void;
  /** Every wanted topic is joined, or no longer so. */
  onComplete(complete: boolean): void;
}

/** Keeps the wanted topics joined over one socket at a time (docs/realtime.md, rule 8). */
export interface Connection {
  /** The topics to be joined from now on; none closes the socket. */
  want(topics: string[]): void;
  /**
   * The page came back: connects now instead of at the next attempt; `replace` also drops a socket that seems
   * alive.
   */
  wake(replace: boolean): void;
}

export interface ConnectionSetup {
  environment: Pick<RealtimeEnvironment, "now" | "random" | "openSocket">;
  scope: Scope;
  url: string;
  key(): string;
  /** What must be done before a socket may open, or `null`; resolves to whether it may. */
  prepare(): Promise<boolean> | null;
  events: ConnectionEvents;
}

export function createConnection(setup: ConnectionSetup): Connection {
  const { environment, scope, prepare } = setup;
  const topics = createTopics(setup, () => {
    if (!cancelRetry) connect();
  });
  let socket: LiveSocket | null = null;
  /** As long as the socket is used. */
  let life: Scope | null = null;
  let openedAt = 0;
  let attempt = 0;
  let preparing: Promise<boolean> | null = null;
  let cancelRetry: (() => void) | null = null;

  function disconnect() {
    cancelRetry?.();
    cancelRetry = null;
    life?.end();
    topics.leaveAll();
    socket = null;
  }

  function connect() {
    const due = topics.due();
    if (due.length === 0 || scope.ended || preparing) return;
    if (!socket) {
      preparing = prepare();
      if (preparing) return void preparing.then(prepared);
      life = scope.child();
      socket = openSocket(setup, { life, topics, lost, renew });
      openedAt = environment.now();
    }
    for (const topic of due) socket.join(topic);
  }

  function prepared(ready: boolean) {
    preparing = null;
    if (scope.ended) return;
    if (ready) connect();
    else lost();
  }

  function renew() {
    disconnect();
    connect();
    topics.report();
  }

  function lost() {
    if (socket && environment.now() - openedAt > STABLE) attempt = 0;
    disconnect();
    cancelRetry = scope.after(backoff(attempt++, environment.random), () => {
      cancelRetry = null;
      connect();
    });
    topics.report();
  }

  return {
    want(next) {
      for (const topic of topics.want(next)) socket?.leave(topic);
      if (next.length === 0) disconnect();
      else if (!cancelRetry) connect();
      topics.report();
    },
    wake(replace) {
      if (topics.isEmpty() || (socket && !replace)) return;
      attempt = 0;
      renew();
    },
  };
}

interface Use {
  life: Scope;
  topics: Topics;
  lost(): void;
  renew(): void;
}

/** A socket that is closed when its life ends; what it reports later goes nowhere. */
function openSocket({ environment, url, key, events }: ConnectionSetup, use: Use): LiveSocket {
  const { life, topics, lost, renew } = use;
  const socket = environment.openSocket({ url, key: key() }, {
    joined: (topic) => life.ended || topics.joined(topic),
    received: (topic, envelope) => life.ended || events.onEvent(topic, envelope),
    refused(topic, reason) {
      if (life.ended) return;
      topics.refused(topic);
      // The socket's own token is bad, so every further join on it would be refused as well.
      if (reason === "token") lost();
      else topics.report();
    },
    lost: () => life.ended || lost(),
  });
  life.onEnd(() => socket.close());
  life.after(between(RENEWAL.from, RENEWAL.to, environment.random), renew);
  return socket;
}

type Topics = ReturnType<typeof createTopics>;

/** Which topics are wanted, which of them are joined, and which wait for another try after a refusal. */
function createTopics({ environment, scope, events }: ConnectionSetup, retry: () => void) {
  const joined = new Set<string>();
  const joinedBefore = new Set<string>();
  const refusals = new Map<string, { count: number; waiting: boolean }>();
  let wanted: string[] = [];
  let complete = false;

  function report() {
    const now = wanted.length > 0 && wanted.every((topic) => joined.has(topic));
    if (now === complete) return;
    complete = now;
    events.onComplete(complete);
  }

  return {
    report,
    isEmpty: () => wanted.length === 0,
    /** Wanted, and neither joined nor waiting. */
    due: () => wanted.filter((topic) => !joined.has(topic) && !refusals.get(topic)?.waiting),
    /** Returns those that are to be left. */
    want(next: string[]): string[] {
      const former = wanted.filter((topic) => !next.includes(topic));
      for (const topic of former) {
        joined.delete(topic);
        joinedBefore.delete(topic);
      }
      wanted = next;
      return former;
    },
    joined(topic: string) {
      refusals.delete(topic);
      joined.add(topic);
      const again = joinedBefore.has(topic);
      joinedBefore.add(topic);
      events.onJoined(topic, again);
      report();
    },
    refused(topic: string) {
      const count = (refusals.get(topic)?.count ?? 0) + 1;
      refusals.set(topic, { count, waiting: true });
      scope.after(backoff(count - 1, environment.random, LONGEST_REFUSAL), () => {
        if (!refusals.has(topic)) return;
        refusals.set(topic, { count, waiting: false });
        retry();
      });
      joined.delete(topic);
      events.onRefused();
    },
    leaveAll: () => joined.clear(),
  };
}
