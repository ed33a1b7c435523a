import type { LiveSocket, OpenSocket, SocketEvents } from "../../../../client/realtime/socket.ts";

type Answer = "accept" | "unauthorized" | "token" | "lose" | "silence";

/** A connection whose other end is the test. */
export class FakeLiveSocket implements LiveSocket {
  /** Every join that went out, in order. */
  readonly joins: string[] = [];
  readonly left: string[] = [];
  readonly sent: Parameters<LiveSocket["send"]>[] = [];
  closed = false;
  readonly target: { url: string; key: string };
  readonly events: SocketEvents;
  readonly #answer: () => Answer;
  readonly #channels = new Set<string>();

  constructor(target: { url: string; key: string }, events: SocketEvents, answer: () => Answer) {
    this.target = target;
    this.events = events;
    this.#answer = answer;
  }

  join(topic: string): void {
    if (this.#channels.has(topic)) return;
    this.#channels.add(topic);
    this.joins.push(topic);
    queueMicrotask(() => this.#reply(topic));
  }

  leave(topic: string): void {
    if (this.#channels.delete(topic)) this.left.push(topic);
  }

  send(...broadcast: Parameters<LiveSocket["send"]>): void {
    this.sent.push(broadcast);
  }

  close(): void {
    this.closed = true;
  }

  hint(topic: string): void {
    this.publish(topic, "refresh", {});
  }

  publish(topic: string, type: string, data: Record<string, unknown>): void {
    const id = "e0000000-0000-4000-8000-000000000001";
    this.events.received(topic, { v: 1, id, type, at: "2026-01-01T00:00:00Z", data });
  }

  refuse(topic: string, reason: "unauthorized" | "token"): void {
    this.leave(topic);
    this.events.refused(topic, reason);
  }

  #reply(topic: string): void {
    if (this.closed || !this.#channels.has(topic)) return;
    const answer = this.#answer();
    if (answer === "accept") this.events.joined(topic);
    else if (answer === "lose") this.events.lost();
    else if (answer !== "silence") this.refuse(topic, answer);
  }
}

/** The Realtime server as the core meets it: by default it accepts every join at once. */
export class FakeRealtime {
  readonly sockets: FakeLiveSocket[] = [];
  answer: Answer = "accept";

  open: OpenSocket = (target, events) => {
    const socket = new FakeLiveSocket(target, events, () => this.answer);
    this.sockets.push(socket);
    return socket;
  };

  get socket(): FakeLiveSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  get connected(): boolean {
    return this.sockets.some(({ closed }) => !closed);
  }
}
