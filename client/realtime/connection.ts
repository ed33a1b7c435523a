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
  onHint(topic: string): void;
  /** The server refused a join: the visitor may have lost the right to it. */
  onRefused(): void;
  /** Every wanted topic is joined, or no longer so. */
  onComplete(complete: boolean): void;
}

/** Keeps the wanted topics joined over one socket at a time (docs/realtime.md, rule 8). */
export interface Connection {
  /** The topics to be joined from now on; none closes the socket. */
  want(topics: string[]): void;
  /** The page came back: connects now instead of at the next attempt; `replace` also drops a socket that seems alive. */
  wake(replace: boolean): void;
}

export interface ConnectionSetup {
  environment: RealtimeEnvironment;
  scope: Scope;
  url: string;
  key(): string;
  /** What must be done before a socket may open, or `null`; resolves to whether it may. */
  prepare(): Promise<boolean> | null;
  events: ConnectionEvents;
}

export function createConnection(
  { environment, scope, url, key, prepare, events }: ConnectionSetup,
): Connection {
  const joined = new Set<string>();
  const joinedBefore = new Set<string>();
  /** Topics that were refused, with how often, and whether they wait for another try. */
  const refusals = new Map<string, { count: number; waiting: boolean }>();
  let wanted: string[] = [];
  let socket: LiveSocket | null = null;
  let openedAt = 0;
  let attempt = 0;
  let complete = false;
  let preparing: Promise<boolean> | null = null;
  let cancelRetry: (() => void) | null = null;
  let cancelRenewal: (() => void) | null = null;

  function report() {
    const now = wanted.length > 0 && wanted.every((topic) => joined.has(topic));
    if (now === complete) return;
    complete = now;
    events.onComplete(complete);
  }

  function disconnect() {
    cancelRetry?.();
    cancelRenewal?.();
    cancelRetry = cancelRenewal = null;
    joined.clear();
    socket?.close();
    socket = null;
  }

  function connect() {
    const topics = wanted.filter((topic) => !refusals.get(topic)?.waiting);
    if (topics.length === 0 || scope.ended || preparing) return;
    if (!socket) {
      preparing = prepare();
      if (preparing) return void preparing.then(prepared);
      open();
    }
    for (const topic of topics) if (!joined.has(topic)) socket?.join(topic);
  }

  function prepared(ready: boolean) {
    preparing = null;
    if (scope.ended) return;
    if (ready) connect();
    else onLost();
  }

  function open() {
    const opened: LiveSocket = environment.openSocket({ url, key: key() }, {
      joined: (topic) => opened === socket && onJoined(topic),
      received: (topic) => opened === socket && events.onHint(topic),
      refused: (topic, reason) => opened === socket && onRefused(topic, reason),
      lost: () => opened === socket && onLost(),
    });
    socket = opened;
    openedAt = environment.now();
    cancelRenewal = scope.after(between(RENEWAL.from, RENEWAL.to, environment.random), () => {
      disconnect();
      connect();
      report();
    });
  }

  function onJoined(topic: string) {
    refusals.delete(topic);
    joined.add(topic);
    const again = joinedBefore.has(topic);
    joinedBefore.add(topic);
    events.onJoined(topic, again);
    report();
  }

  function onLost() {
    if (socket && environment.now() - openedAt > STABLE) attempt = 0;
    disconnect();
    cancelRetry = scope.after(backoff(attempt++, environment.random), () => {
      cancelRetry = null;
      connect();
    });
    report();
  }

  function onRefused(topic: string, reason: "unauthorized" | "token") {
    const count = (refusals.get(topic)?.count ?? 0) + 1;
    refusals.set(topic, { count, waiting: true });
    scope.after(backoff(count - 1, environment.random, LONGEST_REFUSAL), () => {
      if (!refusals.has(topic)) return;
      refusals.set(topic, { count, waiting: false });
      if (!cancelRetry) connect();
    });
    joined.delete(topic);
    events.onRefused();
    // The socket's own token is bad, so every further join on it would be refused as well.
    if (reason === "token") onLost();
    else report();
  }

  return {
    want(topics) {
      for (const topic of wanted) {
        if (topics.includes(topic)) continue;
        socket?.leave(topic);
        joined.delete(topic);
        joinedBefore.delete(topic);
      }
      wanted = topics;
      if (topics.length === 0) disconnect();
      else if (!cancelRetry) connect();
      report();
    },
    wake(replace) {
      if (wanted.length === 0 || (socket && !replace)) return;
      disconnect();
      attempt = 0;
      connect();
      report();
    },
  };
}
