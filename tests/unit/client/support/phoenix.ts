type Frame = [joinRef: string | null, ref: string | null, topic: string, event: string, payload: unknown];

/** The server's end of one WebSocket, speaking Phoenix's protocol 2.0.0 in text frames. */
export class PhoenixConnection {
  static readonly CONNECTING = 0;
  readonly url: string;
  readyState = 0;
  binaryType = "";
  bufferedAmount = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  readonly received: Frame[] = [];
  #joinRefs = new Map<string, string>();

  constructor(url: string | URL) {
    this.url = String(url);
  }

  send(data: string): void {
    const frame = JSON.parse(data) as Frame;
    const [joinRef, ref, topic, event] = frame;
    this.received.push(frame);
    if (event === "phx_join" && joinRef) this.#joinRefs.set(topic, joinRef);
    if (event === "phx_leave" || event === "heartbeat") {
      this.#send([joinRef, ref, topic, "phx_reply", ok({})]);
    }
  }

  close(code = 1000): void {
    this.drop(code);
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  /** An upgrade that is refused looks like this to a browser: an error, then 1006, and no status. */
  refuse(): void {
    this.readyState = 3;
    this.onerror?.({ type: "error" });
    this.onclose?.({ code: 1006, reason: "" });
  }

  drop(code: number): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code, reason: "" });
  }

  /** Accepts a join, and says at once that the database's broadcasts arrive too. */
  allow(topic: string): void {
    this.allowUnready(topic);
    this.ready(topic);
  }

  allowUnready(topic: string): void {
    this.#reply(topic, ok({ postgres_changes: [] }));
  }

  ready(topic: string): void {
    const joinRef = this.#joinRefs.get(`realtime:${topic}`) ?? null;
    const message = "Replication connection established";
    this.#send([joinRef, null, `realtime:${topic}`, "system", {
      extension: "system",
      status: "ok",
      message,
      channel: topic,
    }]);
  }

  /** What comes before the end of a channel that the server closes. */
  system(topic: string, message: string): void {
    const joinRef = this.#joinRefs.get(`realtime:${topic}`) ?? null;
    this.#send([joinRef, null, `realtime:${topic}`, "system", {
      extension: "system",
      status: "error",
      message,
    }]);
  }

  deny(topic: string, reason: string): void {
    this.#reply(topic, { status: "error", response: { reason } });
  }

  broadcast(topic: string, payload: unknown): void {
    const [type, event] = ["broadcast", "refresh"];
    this.#send([null, null, `realtime:${topic}`, "broadcast", { type, event, payload }]);
  }

  /** As one POST to the single-broadcast endpoint arrives: a binary frame of kind 4 with a JSON payload. */
  broadcastBinary(topic: string, payload: unknown, metadata = ""): void {
    this.onmessage?.({
      data: binaryFrame(`realtime:${topic}`, "refresh", JSON.stringify(payload), metadata),
    });
  }

  channelEvent(topic: string, event: "phx_close" | "phx_error"): void {
    const joinRef = this.#joinRefs.get(`realtime:${topic}`) ?? null;
    this.#send([joinRef, joinRef, `realtime:${topic}`, event, {}]);
  }

  frames(event: string): Frame[] {
    return this.received.filter((frame) => frame[3] === event);
  }

  #reply(topic: string, payload: unknown): void {
    const ref = this.#joinRefs.get(`realtime:${topic}`);
    if (!ref) throw new Error(`nobody asked to join ${topic}`);
    this.#send([ref, ref, `realtime:${topic}`, "phx_reply", payload]);
  }

  #send(frame: Frame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

/** A binary frame of kind 4 whose payload is text. */
export function binaryFrame(topic: string, event: string, payload: string, metadata = ""): ArrayBuffer {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const lengths = [topic, event, metadata].map((text) => bytes(text).length);
  return Uint8Array.from([4, ...lengths, 1, ...bytes(topic + event + metadata + payload)]).buffer;
}

function ok(response: unknown) {
  return { status: "ok", response };
}

/** A WebSocket class, and the connections that were made with it. */
export function phoenixTransport(): {
  transport: new (url: string) => WebSocket;
  connections: PhoenixConnection[];
} {
  const connections: PhoenixConnection[] = [];
  class Transport extends PhoenixConnection {
    constructor(url: string | URL) {
      super(url);
      connections.push(this);
    }
  }
  return { transport: Transport as unknown as new (url: string) => WebSocket, connections };
}
