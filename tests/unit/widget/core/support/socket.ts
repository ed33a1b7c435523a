import type { LiveSocket, OpenSocket, SocketEvents } from "../../../../../widget/core/live/socket.ts";

/** A connection whose other end is the test. */
export class FakeLiveSocket implements LiveSocket {
  readonly joins: string[] = [];
  readonly left: string[] = [];
  closed = false;
  readonly target: { url: string; key: string };
  readonly events: SocketEvents;

  constructor(target: { url: string; key: string }, events: SocketEvents) {
    this.target = target;
    this.events = events;
  }

  join(topic: string): void {
    if (!this.joins.includes(topic)) this.joins.push(topic);
  }

  leave(topic: string): void {
    this.left.push(topic);
  }

  close(): void {
    this.closed = true;
  }
}

/** The Realtime server as the core meets it: by default it accepts every join at once. */
export class FakeRealtime {
  readonly sockets: FakeLiveSocket[] = [];
  /** What happens to a join. */
  answer: "accept" | "unauthorized" | "token" | "lose" | "silence" = "accept";

  open: OpenSocket = (target, events) => {
    const socket = new FakeLiveSocket(target, events);
    const join = socket.join.bind(socket);
    socket.join = (topic) => {
      if (socket.joins.includes(topic) && !socket.left.includes(topic)) return;
      join(topic);
      queueMicrotask(() => this.#answer(socket, topic));
    };
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

  #answer(socket: FakeLiveSocket, topic: string): void {
    if (socket.closed) return;
    if (this.answer === "accept") socket.events.joined(topic);
    else if (this.answer === "lose") socket.events.lost();
    else if (this.answer !== "silence") socket.events.refused(topic, this.answer);
  }
}
