/**
 * The part of Realtime's protocol 2.0.0 that joins channels, broadcasts and receives broadcasts.
 * Source: https://supabase.com/docs/guides/realtime/protocol
 */
import { conversationChannelBase, userChannelBase } from "../../shared/channels.ts";
import { jsonIn } from "../connection/http.ts";

const OPEN_MS = 10_000;
/** Realtime refuses a join after 5 s. */
const JOIN_MS = 12_000;
const HEADER_BYTES = 5;
const USER_BROADCAST = 4;

export interface JoinResult {
  ok: boolean;
  /** Why not. */
  reason: string;
}

type Reply = { status: string; response?: { reason?: string } };

export class Socket {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (reply: Reply) => void>();
  readonly #listeners = new Set<() => void>();
  /** Events of the broadcasts that arrived. */
  readonly events: string[] = [];
  #ref = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (typeof data === "string") this.#readText(data);
      else this.#readBinary(new Uint8Array(data));
    });
  }

  async join(topic: string, config: { private: boolean }): Promise<JoinResult> {
    const payload = {
      config: { ...config, broadcast: { ack: true, self: false }, presence: { enabled: false } },
    };
    const reply = await this.#push(topic, "phx_join", payload, JOIN_MS);
    if (!reply) return { ok: false, reason: "no answer" };
    return { ok: reply.status === "ok", reason: reply.response?.reason ?? reply.status };
  }

  /** Whether Realtime says that it took the broadcast; a forbidden one is never answered. */
  async broadcast(topic: string, event: string, withinMs: number): Promise<boolean> {
    const reply = await this.#push(topic, "broadcast", { type: "broadcast", event, payload: {} }, withinMs);
    return reply?.status === "ok";
  }

  /** Whether a broadcast of this event arrives in time. */
  async receives(event: string, withinMs: number): Promise<boolean> {
    return await answerWithin<boolean>(withinMs, (resolve) => {
      const look = () => this.events.includes(event) && resolve(true);
      this.#listeners.add(look);
      look();
    }) ?? false;
  }

  close(): void {
    this.#socket.close();
  }

  #push(topic: string, event: string, payload: unknown, withinMs: number): Promise<Reply | null> {
    const ref = String(++this.#ref);
    return answerWithin(withinMs, (resolve) => {
      this.#waiting.set(ref, resolve);
      // One channel for each socket: its join has the first ref.
      this.#socket.send(JSON.stringify(["1", ref, `realtime:${topic}`, event, payload]));
    });
  }

  #readText(text: string): void {
    const frame = jsonIn(text);
    if (!Array.isArray(frame)) return;
    const [, ref, , event, payload] = frame;
    if (event === "phx_reply") this.#waiting.get(ref)?.(payload);
    if (event === "broadcast") this.#arrived(String(payload.event));
  }

  #readBinary(frame: Uint8Array): void {
    const [kind, topicBytes = 0, eventBytes = 0] = frame;
    if (kind !== USER_BROADCAST) return;
    const from = HEADER_BYTES + topicBytes;
    this.#arrived(new TextDecoder().decode(frame.subarray(from, from + eventBytes)));
  }

  #arrived(event: string): void {
    this.events.push(event);
    for (const look of this.#listeners) look();
  }
}

/** Opens a socket as a visitor's browser does; `null` if it is refused or does not answer. */
export async function openSocket(url: string, key: string): Promise<Socket | null> {
  const address = `${url.replace(/^http/, "ws")}/realtime/v1/websocket?apikey=${
    encodeURIComponent(key)
  }&vsn=2.0.0`;
  const socket = new (await webSocket())(address);
  socket.binaryType = "arraybuffer";
  return await answerWithin<Socket | null>(OPEN_MS, (resolve) => {
    socket.addEventListener("open", () => resolve(new Socket(socket)));
    socket.addEventListener("error", () => resolve(null));
    socket.addEventListener("close", () => resolve(null));
  });
}

/** The platform's, which Node has from 22 on. */
async function webSocket(): Promise<typeof WebSocket> {
  if ("WebSocket" in globalThis) return WebSocket;
  const { WebSocket: fromNpm } = await import("ws");
  return fromNpm as unknown as typeof WebSocket;
}

/** What is resolved in time; null otherwise. */
function answerWithin<T>(ms: number, start: (resolve: (answer: T) => void) => void): Promise<T | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), ms);
    start((answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

/** A new name of an unused channel, well-formed as far as the policies can see. */
export function wellFormedName(): string {
  return `${conversationChannelBase(`heddle-doctor-${crypto.randomUUID()}`)}-${signature()}`;
}

/** The channel of a team that nobody belongs to. */
export function nobodysInbox(): string {
  return `agent-${crypto.randomUUID()}-inbox-1`;
}

/** Looks like a visitor's channel, but has no agent. */
export function malformedName(): string {
  return `${userChannelBase("nobody", "heddle-doctor")}-${signature()}`;
}

function signature(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
