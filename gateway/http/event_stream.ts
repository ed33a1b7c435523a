import { randomInt } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { GatewayErrorCode } from "../../shared/api/gateway.ts";
import type { LogRow } from "../log/row.ts";
import { type Outlet, Subscriber } from "../log/subscriber.ts";
import type { Caller, Reader } from "../readers/reader.ts";
import type { Connection } from "../connections.ts";
import { FEW_UNSENT, MOST_UNSENT } from "../limits.ts";
import { HEADERS } from "./answers.ts";

/** Proxies end what says nothing for half a minute. */
const COMMENT_MS = 20_000;
const DRAIN_CHECK_MS = 5;
const DRAIN_MS = 30_000;
const RETRY_MS = { from: 1_000, below: 5_000 };

export interface EventStreamSetup {
  caller: Caller;
  reader: Reader;
  response: ServerResponse;
}

/**
 * Server-sent events (HTML, 9.2): each event's JSON as `data`, the cursor as `id`, so that whoever connects again says where they
 * were.
 */
export class EventStream implements Outlet, Connection {
  readonly caller: Caller;
  readonly session = null;
  readonly subscriber: Subscriber;
  readonly #response: ServerResponse;
  #isEnded = false;
  #sentCursor: string | null = null;
  #wroteAt = performance.now();

  constructor({ caller, reader, response }: EventStreamSetup) {
    this.caller = caller;
    this.subscriber = new Subscriber(reader, this);
    this.#response = response;
    response.on("close", () => this.#isEnded = true);
    response.on("error", () => response.destroy());
  }

  get id(): string {
    return this.subscriber.id;
  }

  get member(): string | null {
    return this.caller.userId;
  }

  begin(cursor: string | null): void {
    this.#response.writeHead(200, {
      ...HEADERS,
      "content-type": "text/event-stream",
      "x-accel-buffering": "no",
    });
    this.#write(`retry: ${randomInt(RETRY_MS.from, RETRY_MS.below)}\n\n`);
    if (cursor !== null) this.sendCursor(cursor);
  }

  sendRow(row: LogRow, cursor: string | null): void {
    if (cursor !== null) this.#sentCursor = cursor;
    this.#write(`${cursor === null ? "" : `id: ${cursor}\n`}data: ${row.bytes(cursor)}\n\n`);
  }

  sendCursor(cursor: string): void {
    if (cursor === this.#sentCursor) return;
    this.#sentCursor = cursor;
    // Without data nobody is told, but the browser keeps the id.
    this.#write(`id: ${cursor}\n\n`);
  }

  sendNow(text: string): void {
    // Whoever is behind misses it, as whoever is not here.
    if (this.#response.writableLength <= MOST_UNSENT) this.#write(`data: ${text}\n\n`);
  }

  async drained(): Promise<boolean> {
    const until = performance.now() + DRAIN_MS;
    while (this.#response.writableLength > FEW_UNSENT && !this.#isEnded) {
      if (performance.now() > until) this.tooSlow();
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS));
    }
    return !this.#isEnded;
  }

  tooSlow(): void {
    this.#isEnded = true;
    // What waits to be read would stay.
    this.#response.destroy();
  }

  end(code: GatewayErrorCode, message: string): void {
    if (this.#isEnded) return;
    this.#write(`event: error\ndata: ${JSON.stringify({ type: "error", code, message })}\n\n`);
    this.restart();
  }

  restart(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#response.headersSent) this.#response.end();
    else this.#response.destroy();
  }

  tend(cursor: string | null, now: number): void {
    const { endsAt } = this.caller;
    if (endsAt !== null && endsAt <= Date.now()) {
      return this.end("expired", "Connect again with a fresh token.");
    }
    if (!this.#response.headersSent || now - this.#wroteAt < COMMENT_MS) return;
    const { isCatchingUp, isWaiting, isAhead } = this.subscriber;
    if (cursor !== null && cursor !== this.#sentCursor && !isCatchingUp && !isWaiting && !isAhead) {
      this.sendCursor(cursor);
    } else this.#write(": still here\n\n");
  }

  /** Nothing before it has begun: what is not kept may come earlier. */
  #write(text: string): void {
    if (this.#isEnded || !this.#response.headersSent) return;
    if (this.#response.writableLength > MOST_UNSENT) return this.tooSlow();
    this.#wroteAt = performance.now();
    this.#response.write(text);
  }
}
