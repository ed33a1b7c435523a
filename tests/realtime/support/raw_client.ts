import { once } from "node:events";
import { WebSocket } from "ws";
import { Queue } from "./queue.ts";
import type { TestRealtime } from "./server.ts";

export type RawFrame = unknown[] | Buffer;

/** A socket without a client library: sends and receives frames of protocol 2.0.0 as they are. */
export class RawClient {
  readonly frames = new Queue<RawFrame>();
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  #lastRef = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => undefined); // `closed` tells
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      this.frames.push(isBinary ? data : JSON.parse(data.toString()));
    });
  }

  static async open(server: Pick<TestRealtime, "wsUrl" | "anon">, token = server.anon): Promise<RawClient> {
    const socket = new WebSocket(`${server.wsUrl}/websocket?apikey=${token}&vsn=2.0.0`);
    const client = new RawClient(socket);
    await once(socket, "open");
    return client;
  }

  send(frame: unknown[] | Uint8Array | string): void {
    this.#socket.send(Array.isArray(frame) ? JSON.stringify(frame) : frame);
  }

  next(): Promise<RawFrame> {
    return this.frames.next();
  }

  /** Joins a topic (without prefix) and returns its join_ref and the response of the reply. */
  async join(topic: string, config: Record<string, unknown>, extra: Record<string, unknown> = {}) {
    const ref = this.ref();
    this.send([ref, ref, `realtime:${topic}`, "phx_join", { config, ...extra }]);
    const [, , , , reply] = await this.next() as [string, string, string, string, Record<string, unknown>];
    return { ref, reply };
  }

  ref(): string {
    return String(++this.#lastRef);
  }

  /** Sends a heartbeat and expects its reply to be the next frame: nothing else has come before it. */
  async expectNothing(): Promise<RawFrame> {
    const ref = this.ref();
    this.send([null, ref, "phoenix", "heartbeat", {}]);
    return await this.next();
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}

/** A kind 3 frame, as clients send broadcasts. */
export function userBroadcastPush(
  { joinRef, ref, topic, event, payload, encoding = 1 }: {
    joinRef: string;
    ref: string;
    topic: string;
    event: string;
    payload: string | Uint8Array;
    encoding?: 0 | 1;
  },
): Uint8Array {
  const fields = [joinRef, ref, `realtime:${topic}`, event, ""].map((field) => Buffer.from(field));
  const header = Uint8Array.of(3, ...fields.map((field) => field.length), encoding);
  return Buffer.concat([header, ...fields, Buffer.from(payload)]);
}
