import type { Envelope } from "../../shared/envelope.ts";
import type { Environment } from "../platform/environment.ts";

/** What a socket reports. Never called from inside `openSocket`, `join`, `leave` or `close`. */
export interface SocketEvents {
  /** Again for a topic when broadcasts from the database reach it only now: those before are lost. */
  joined(topic: string): void;
  /** A broadcast arrived on the topic; `null` for one that is no envelope of a version known here. */
  received(topic: string, envelope: Envelope | null): void;
  /** The server will not have us on this topic; the socket has left it already. */
  refused(topic: string, reason: "unauthorized" | "token"): void;
  /**
   * Nothing more comes from this socket: dropped, closed by the server, stalled, or one of its channels ended
   * without being asked to. It has disconnected itself; only a new socket helps.
   */
  lost(): void;
}

/** One connection. It never reconnects by itself: that decision, and its timing, belong to the core. */
export interface LiveSocket {
  join(topic: string): void;
  leave(topic: string): void;
  /** Broadcasts on a topic that was joined; lost if the connection doesn't stand. */
  send(topic: string, event: string, payload: unknown): void;
  /** Silent from here on. */
  close(): void;
}

/** `url` ends in `/realtime/v1`; `key` is the publishable key. */
export type OpenSocket = (target: { url: string; key: string }, events: SocketEvents) => LiveSocket;

/** The surroundings of an engine that also listens. */
export interface RealtimeEnvironment extends Environment {
  openSocket: OpenSocket;
}
