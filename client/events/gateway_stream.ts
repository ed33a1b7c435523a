import { type Envelope, isObject } from "../../shared/envelope.ts";
import type { ErrorCode } from "../../shared/errors.ts";
import type { Problem, Result } from "../http/problem.ts";
import { between } from "../platform/delays.ts";
import type { Scope } from "../platform/scope.ts";
import { readPassing } from "./passing.ts";
import type { Position } from "./position.ts";
import { callHandler, createLedger, type EventStreamSetup, type LoggedEvent, repeat } from "./stream.ts";

/** A connection that was up for so long begins anew with its patience. */
const LONG_UP = 60_000;
/** Nothing heard for so long: asked whether it is there, and given up after as long again. */
const SILENCE = 30_000;
/** Everybody comes back at once when a gateway restarts. */
const SPREAD = 1_000;

/** As browsers, Deno and Node from 22 on have it, and npm's `ws`. */
export type WebSocketClass = new (url: string) => {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(): void;
};

export interface GatewayStreamSetup
  extends Pick<EventStreamSetup, "environment" | "scope" | "since" | "onEvent" | "onPassing" | "onProblem"> {
  /** Ends in `/v1/realtime`. */
  socketUrl: string;
  WebSocket: WebSocketClass;
  /** As they were written; none: everything. */
  channels: string[];
  topics: string[];
  /** Opens one connection. */
  fetchTicket(signal: AbortSignal): Promise<Result<string>>;
}

/** What a gateway's error means to whoever subscribes; every other is tried again. */
const CODES: Record<string, ErrorCode> = {
  cursor_expired: "cursor_expired",
  invalid_request: "invalid_request",
  forbidden: "forbidden",
  removed: "forbidden",
  unauthorized: "invalid_session",
  expired: "expired_session",
  too_many_subscriptions: "rate_limited",
  too_many_frames: "rate_limited",
  too_many_connections: "too_many_connections",
};

/** Hears the log over a gateway's WebSocket from a position on, however often the connection breaks. Returns where it stands. */
export function createGatewayStream(setup: GatewayStreamSetup): () => Position | null {
  const { environment, scope, onProblem } = setup;
  const ledger = createLedger(setup);

  async function connectOnce(): Promise<boolean> {
    const ticket = await setup.fetchTicket(scope.signal);
    if (scope.ended) return true;
    if (!ticket.ok) {
      onProblem(ticket.problem);
      return false;
    }
    const from = environment.now();
    await listen(setup, `${setup.socketUrl}?ticket=${ticket.value}`, receive, subscribeFrame);
    if (!scope.ended) {
      await new Promise<void>((resolve) => {
        scope.onEnd(resolve);
        scope.after(between(0, SPREAD, environment.random), resolve);
      });
    }
    return environment.now() - from > LONG_UP;
  }

  function subscribeFrame(): string {
    const { channels, topics } = setup;
    const since = ledger.cursor();
    return JSON.stringify({
      type: "subscribe",
      ref: "events",
      channels,
      topics,
      ...(since === null ? {} : { since }),
    });
  }

  /** False where the connection is of no use any more. */
  function receive(frame: Record<string, unknown>): boolean {
    const event = readEvent(frame);
    if (event) ledger.handle(event);
    const passing = setup.onPassing && readPassing(frame);
    if (setup.onPassing && passing) callHandler(setup.onPassing, passing);
    if (typeof frame.cursor === "string") ledger.take([], frame.cursor);
    if (frame.type !== "error") return true;
    const code = CODES[String(frame.code)] ?? "network";
    if (code === "cursor_expired") ledger.forget();
    onProblem({ code, message: String(frame.message) } satisfies Problem);
    return false;
  }

  void repeat(connectOnce, { environment, scope, onWait: (end) => scope.onEnd(end) });
  return ledger.position;
}

/** Settles when the connection is over. */
function listen(
  { WebSocket, scope }: Pick<GatewayStreamSetup, "WebSocket" | "scope">,
  url: string,
  receive: (frame: Record<string, unknown>) => boolean,
  subscribeFrame: () => string,
): Promise<void> {
  return new Promise((resolve) => {
    const child: Scope = scope.child();
    const socket = new WebSocket(url);
    let isAsked = false;
    let cancel = () => {};
    const watch = () => {
      cancel = child.after(SILENCE, () => {
        if (isAsked) return child.end();
        isAsked = true;
        socket.send(JSON.stringify({ type: "ping" }));
        watch();
      });
    };
    socket.onopen = () => {
      socket.send(subscribeFrame());
      watch();
    };
    socket.onmessage = ({ data }) => {
      if (child.ended) return;
      cancel();
      isAsked = false;
      watch();
      if (!receive(readFrame(data))) child.end();
    };
    socket.onclose = () => child.end();
    socket.onerror = () => child.end();
    child.onEnd(() => {
      socket.close();
      resolve();
    });
  });
}

function readFrame(data: unknown): Record<string, unknown> {
  try {
    const frame: unknown = JSON.parse(String(data));
    return isObject(frame) ? frame : {};
  } catch {
    return {}; // not of a gateway
  }
}

/** An event of the log; `null` for all else. */
function readEvent({ type, id, at, topic, actor, data }: Record<string, unknown>): LoggedEvent | null {
  const isEvent = typeof type === "string" && typeof id === "string" && typeof at === "string" &&
    typeof topic === "string" && isObject(data);
  if (!isEvent) return null;
  const envelope: Envelope = { v: 1, id, type, at, data };
  return { ...envelope, topic, ...(typeof actor === "string" ? { actor } : {}) };
}
