import type { Duplex } from "node:stream";
import type { RawData, WebSocket } from "ws";
import {
  CLOSE_RESTART,
  GATEWAY_ERRORS,
  type GatewayErrorCode,
  type GatewayFrame,
} from "../../shared/api/gateway.ts";
import type { LogRow } from "../log/row.ts";
import { type Outlet, Subscriber } from "../log/subscriber.ts";
import type { Caller, Reader } from "../readers/reader.ts";
import type { Connection } from "../connections.ts";
import { FEW_UNSENT, MOST_UNSENT } from "../limits.ts";
import { textFrame } from "./text_frame.ts";

const PING_MS = 25_000;
const PONG_MS = 10_000;
const DRAIN_CHECK_MS = 5;
const DRAIN_MS = 30_000;
/** For the other side to close, too. */
const CLOSE_MS = 1_000;

export interface SocketSetup {
  socket: WebSocket;
  /** What it was made of. */
  wire: Duplex;
  caller: Caller;
  reader: Reader;
  session: string | null;
  maxSubscriptions: number;
}

/** One WebSocket: what is sent, and how it ends. What comes in is `FrameHandler`'s. */
export class SocketConnection implements Outlet, Connection {
  readonly caller: Caller;
  readonly session: string | null;
  readonly maxSubscriptions: number;
  readonly subscriber: Subscriber;
  readonly #socket: WebSocket;
  readonly #wire: Duplex;
  #isEnded = false;
  #sentCursor: string | null = null;
  #pingedAt = performance.now();
  #hasAnswered = true;

  constructor({ socket, wire, caller, reader, session, maxSubscriptions }: SocketSetup) {
    this.caller = caller;
    this.session = session;
    this.maxSubscriptions = maxSubscriptions;
    this.subscriber = new Subscriber(reader, this);
    this.#socket = socket;
    this.#wire = wire;
    socket.on("pong", () => this.#hasAnswered = true);
    socket.on("error", () => socket.terminate());
  }

  get id(): string {
    return this.subscriber.id;
  }

  get member(): string | null {
    return this.caller.userId;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  onText(handle: (text: string) => void): void {
    this.#socket.on("message", (data: RawData, isBinary: boolean) => handle(isBinary ? "" : String(data)));
  }

  onClosed(handle: () => void): void {
    this.#socket.on("close", () => {
      this.#isEnded = true;
      handle();
    });
  }

  send(frame: GatewayFrame): void {
    if (this.#isEnded) return;
    if (this.#socket.bufferedAmount > MOST_UNSENT) return this.tooSlow();
    this.#socket.send(JSON.stringify(frame));
  }

  sendRow(row: LogRow, cursor: string | null): void {
    if (this.#isEnded || this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MOST_UNSENT) return this.tooSlow();
    this.#wire.write(textFrame(row.bytes(cursor)));
    if (cursor !== null) this.#sentCursor = cursor;
  }

  sendCursor(cursor: string): void {
    if (cursor === this.#sentCursor) return;
    this.#sentCursor = cursor;
    this.send({ type: "cursor", cursor });
  }

  sendNow(text: string): void {
    // Whoever is behind misses it, as whoever is not here.
    if (!this.#isEnded && this.#socket.bufferedAmount <= MOST_UNSENT) this.#socket.send(text);
  }

  async drained(): Promise<boolean> {
    const until = performance.now() + DRAIN_MS;
    while (this.#socket.bufferedAmount > FEW_UNSENT && !this.#isEnded) {
      if (performance.now() > until) this.tooSlow();
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS));
    }
    return !this.#isEnded;
  }

  tooSlow(): void {
    this.end("slow_consumer", "You read too slowly: connect again with since.");
  }

  /** Says why, and closes where the code is one that does. */
  fail(code: GatewayErrorCode, message: string, more: { ref?: string; retryAfter?: number } = {}): void {
    if (GATEWAY_ERRORS[code] !== null) return this.end(code, message);
    this.send({ type: "error", ...more, code, message });
  }

  /** Closes with the code that belongs to the error. */
  end(code: GatewayErrorCode, message: string): void {
    if (this.#isEnded) return;
    this.#socket.send(JSON.stringify({ type: "error", code, message } satisfies GatewayFrame));
    this.#close(GATEWAY_ERRORS[code] ?? 4400, code);
  }

  /** For a restart: they come back, here or elsewhere. */
  restart(): void {
    this.#close(CLOSE_RESTART, "restart");
  }

  /** Called again and again: pings when it is time, and drops who does not answer. */
  tend(cursor: string | null, now: number): void {
    if (this.#isEnded) return;
    const { endsAt } = this.caller;
    if (endsAt !== null && endsAt <= Date.now()) {
      return this.end("expired", "Connect again with a fresh token.");
    }
    const since = now - this.#pingedAt;
    if (!this.#hasAnswered && since > PONG_MS) return this.#socket.terminate();
    if (since < PING_MS) return;
    this.#pingedAt = now;
    this.#hasAnswered = false;
    this.#socket.ping();
    const { subscriptions, isCatchingUp, isWaiting, isAhead } = this.subscriber;
    if (cursor !== null && subscriptions.size > 0 && !isCatchingUp && !isWaiting && !isAhead) {
      this.sendCursor(cursor);
    }
  }

  #close(code: number, reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#socket.close(code, reason);
    // Whoever does not read does not answer either, and keeps all that was to be sent.
    const timer = setTimeout(() => this.#socket.terminate(), CLOSE_MS);
    this.#socket.on("close", () => clearTimeout(timer));
  }
}

export const PING_SECONDS = PING_MS / 1000;
