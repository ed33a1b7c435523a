import { WebSocket } from "ws";
import type { Generator } from "../../support/generator.ts";

export interface Followed {
  id: string;
  resourceId: string;
  n: number;
}

interface FollowerSetup {
  urls: readonly string[];
  token: string;
  topic: string;
  generator: Generator;
  /** Whether it keeps the ids since its cursor, as a client must. */
  keepsIds: boolean;
}

/** A client that loses its connection again and again, and goes on at one of several gateways, as docs/gateway.md says. */
export class Follower {
  readonly got: Followed[] = [];
  expired = 0;
  resumes = 0;
  #setup: FollowerSetup;
  #cursor: string | null = null;
  #known = new Set<string>();
  #socket: WebSocket | null = null;
  /** Whether this connection is lost between an event and the cursor behind it, so that the event comes again. */
  #isLostInBatch = false;
  #isOver = false;
  #staysUp = false;
  #running: Promise<void> | null = null;

  constructor(setup: FollowerSetup) {
    this.#setup = setup;
  }

  /** Settles once it has a cursor. */
  async start(): Promise<void> {
    this.#running = this.#run();
    while (this.#cursor === null) await pause(10);
  }

  /** Loses no further connection by itself. */
  stayUp(): void {
    this.#staysUp = true;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#socket?.terminate();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await this.#connectOnce();
      await pause(20 + this.#setup.generator.below(200));
    }
  }

  async #connectOnce(): Promise<void> {
    const { urls, token, topic, generator } = this.#setup;
    const url = `${generator.pick(urls).replace("http", "ws")}/v1/realtime`;
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
    this.#socket = socket;
    this.#isLostInBatch = generator.chance(0.2);
    let timer: ReturnType<typeof setTimeout> | undefined;
    socket.on("error", () => undefined);
    socket.on("message", (data) => this.#receive(JSON.parse(String(data))));
    socket.on("open", () => {
      const since = this.#cursor === null ? {} : { since: this.#cursor };
      if (this.#cursor !== null) this.resumes++;
      socket.send(JSON.stringify({ type: "subscribe", ref: "1", topic, ...since }));
      const drop = () => this.#staysUp || socket.terminate();
      timer = setTimeout(drop, 100 + generator.below(1500));
    });
    await new Promise((resolve) => socket.on("close", resolve));
    clearTimeout(timer);
  }

  #receive(frame: Record<string, string> & { data?: { n: number } }): void {
    const { type, code, id, topic, cursor, data } = frame;
    if (type === "error" && code === "cursor_expired") this.expired++;
    if (id !== undefined && !(this.#setup.keepsIds && this.#known.has(id))) {
      this.#known.add(id);
      this.got.push({ id, resourceId: topic?.split(".").at(-1) ?? "", n: data?.n ?? 0 });
    }
    if (cursor !== undefined) {
      this.#cursor = cursor;
      this.#known.clear();
    } else if (id !== undefined && this.#isLostInBatch && !this.#staysUp) {
      this.#socket?.terminate();
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
