import type { OpenSocket } from "./socket.ts";
import { openSocketOver } from "./realtime_socket.ts";

/** As long as the socket waits for an answer to its own joins. */
const JOIN_TIMEOUT = 10_000;
/** Messages of a channel's last `system` frame, from supabase/realtime, `realtime_channel.ex`. */
const EXPIRED = /^Token has expired/;
const FORBIDDEN = /^You do not have permissions/;

/** The signed-in user's token of now, refreshed if need be; `null` while nobody is signed in. */
export type AccessToken = () => Promise<string | null>;

export type TransportClass = new (url: string) => WebSocket;
type Frame = [joinRef: string | null, ref: string | null, topic: string, event: string, payload: object];

interface Join {
  frame: Frame;
  /** Why the server is about to close the channel. */
  fault?: string;
  timer?: ReturnType<typeof setTimeout>;
}

/** Sockets whose channels are joined as the signed-in user. */
export function openAuthorizedSocket(
  accessToken: AccessToken,
  Transport: TransportClass = WebSocket,
): OpenSocket {
  return (target, events) => openSocketOver(authorizedTransport(Transport, accessToken), target, events);
}

/**
 * A WebSocket class that adds the token to each join, which waits for it, hands a refreshed one to the
 * channels with the next heartbeat, and joins a channel again that was closed since its token expired. A
 * WebSocket without a token counts as closed. Visitors join without one, and load none of this.
 */
export function authorizedTransport(Transport: TransportClass, accessToken: AccessToken): TransportClass {
  return class extends AuthorizedTransport {
    constructor(url: string) {
      super(new Transport(url), accessToken);
    }
  } as unknown as TransportClass; // as much of it as a connection uses
}

class AuthorizedTransport {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  readonly #inner: WebSocket;
  readonly #accessToken: AccessToken;
  readonly #joins = new Map<string, Join>();
  #token: string | null = null;

  constructor(inner: WebSocket, accessToken: AccessToken) {
    this.#inner = inner;
    this.#accessToken = accessToken;
    this.#inner.onopen = () => this.onopen?.();
    this.#inner.onmessage = ({ data }) => this.#receive(data);
    this.#inner.onclose = this.#inner.onerror = () => this.#lose();
  }

  get readyState(): number {
    return this.#inner.readyState;
  }

  set binaryType(type: BinaryType) {
    this.#inner.binaryType = type;
  }

  send(text: string): void {
    const frame: Frame = JSON.parse(text);
    const [, , topic, event] = frame;
    if (event === "phx_join") return void this.#join({ frame });
    if (event === "phx_leave") this.#forget(topic);
    this.#inner.send(text);
    if (event === "heartbeat") void this.#renew();
  }

  close(): void {
    this.#clear();
    this.#inner.close();
  }

  async #join(join: Join): Promise<void> {
    const [joinRef, ref, topic, event, payload] = join.frame;
    this.#joins.set(topic, join);
    const access_token = await this.#ask();
    if (this.#joins.get(topic) !== join) return; // left meanwhile, or closed
    if (access_token === null) return this.#lose();
    this.#token = access_token;
    this.#push([joinRef, ref, topic, event, { ...payload, access_token }]);
  }

  async #renew(): Promise<void> {
    const access_token = await this.#ask();
    if (access_token === null || access_token === this.#token) return;
    this.#token = access_token;
    for (const { frame: [joinRef, , topic] } of this.#joins.values()) {
      this.#push([joinRef, null, topic, "access_token", { access_token }]);
    }
  }

  #receive(data: unknown): void {
    const frame = typeof data === "string" ? readFrame(data) : null;
    const translated = frame && this.#translate(frame);
    if (translated === "nothing") return;
    this.onmessage?.({ data: translated ? JSON.stringify(translated) : data });
  }

  /** What the connection is to read instead, if anything. */
  #translate([joinRef, ref, topic, event, payload]: Frame): Frame | "nothing" | null {
    const join = this.#joins.get(topic);
    if (!join || joinRef !== join.frame[0]) return null;
    if (event === "system" && "message" in payload) join.fault = String(payload.message);
    if (event === "phx_reply" && ref === joinRef) clearTimeout(join.timer);
    if (event !== "phx_close" || join.fault === undefined) return null;
    if (FORBIDDEN.test(join.fault)) {
      const response = { reason: `Unauthorized: ${join.fault}` };
      return [joinRef, joinRef, topic, "phx_reply", { status: "error", response }];
    }
    if (!EXPIRED.test(join.fault)) return null;
    void this.#join({ frame: join.frame, timer: setTimeout(() => this.#lose(), JOIN_TIMEOUT) });
    return "nothing";
  }

  #ask(): Promise<string | null> {
    // Whoever keeps the session reports why it has no token; here it is just missing.
    return this.#accessToken().catch(() => null);
  }

  #push(frame: Frame): void {
    if (this.#inner.readyState === 1) this.#inner.send(JSON.stringify(frame));
  }

  #forget(topic: string): void {
    clearTimeout(this.#joins.get(topic)?.timer);
    this.#joins.delete(topic);
  }

  #clear(): void {
    for (const topic of [...this.#joins.keys()]) this.#forget(topic);
  }

  #lose(): void {
    this.#clear();
    this.onclose?.();
  }
}

function readFrame(text: string): Frame | null {
  try {
    const frame: unknown = JSON.parse(text);
    if (!Array.isArray(frame)) return null;
    const [joinRef, ref, topic, event, payload] = frame;
    return typeof topic === "string" && typeof event === "string"
      ? [joinRef, ref, topic, event, Object(payload)]
      : null;
  } catch {
    return null; // nor can the connection read it
  }
}
