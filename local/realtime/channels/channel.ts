import type { Extension, ReadPolicies } from "../auth/policies.ts";
import type { Claims } from "../auth/token.ts";
import { type ClientMessage, type Codec, type Frame } from "../codec/codec.ts";
import { RealtimeError } from "../errors.ts";
import { asObject, type JsonObject } from "../json.ts";
import type { Services } from "../services.ts";
import { handleBroadcast } from "./broadcast.ts";
import type { JoinRequest } from "./join_payload.ts";
import { Mailbox } from "./mailbox.ts";
import { handlePresence } from "./presence.ts";
import { type Address, type Subscriber, TOPIC_PREFIX } from "./registry.ts";

const TOKEN_CHECK_MS = 5 * 60 * 1000;

/** What a channel needs of the socket it was joined on. */
export interface ChannelSocket {
  readonly codec: Codec;
  /** `x-*` headers of the connection, for policies. */
  readonly headers: Record<string, string>;
  send(frame: Frame): void;
  /** The channel ended by itself: the socket forgets it. */
  forget(channel: Channel): void;
}

/** Decides whether a token may listen; rejects with a `RealtimeError`. */
export type AuthorizeRead = (
  token: string,
  address: Address,
  presence: boolean,
) => Promise<{ claims: Claims; policies: ReadPolicies }>;

interface ChannelParts {
  socket: ChannelSocket;
  services: Services;
  address: Address;
  joinRef: string | null;
  join: JoinRequest;
  token: string;
  claims: Claims;
  policies: ReadPolicies;
  authorizeRead: AuthorizeRead;
}

/** One topic joined on one socket. */
export class Channel implements Subscriber {
  readonly address: Address;
  readonly topic: string;
  readonly joinRef: string | null;
  readonly join: JoinRequest;
  readonly codec: Codec;
  readonly services: Services;
  readonly #socket: ChannelSocket;
  readonly #mailbox = new Mailbox((error) => this.crash(error));
  readonly #authorizeRead: AuthorizeRead;
  #token: string;
  #claims: Claims;
  #policies: ReadPolicies;
  #writable: Partial<Record<Extension, boolean>> = {};
  #cancelTokenCheck: () => void = () => undefined;
  #ended = false;

  constructor(parts: ChannelParts) {
    this.address = parts.address;
    this.topic = TOPIC_PREFIX + parts.address.topic;
    this.joinRef = parts.joinRef;
    this.join = parts.join;
    this.codec = parts.socket.codec;
    this.services = parts.services;
    this.#socket = parts.socket;
    this.#authorizeRead = parts.authorizeRead;
    this.#token = parts.token;
    this.#claims = parts.claims;
    this.#policies = parts.policies;
  }

  get receivesBroadcasts(): boolean {
    return this.#policies.broadcast;
  }

  get readsPresence(): boolean {
    return this.#policies.presence;
  }

  /** Starts receiving. */
  start(): void {
    this.services.registry.add(this.address, this);
    this.#scheduleTokenCheck();
  }

  /** Stops receiving and answering, without a word to the client. */
  stop(): void {
    this.#ended = true;
    this.#cancelTokenCheck();
    this.services.registry.remove(this.address, this);
  }

  /** Takes a client's message; answers come in the order of the messages. */
  receive(message: ClientMessage): void {
    this.#mailbox.post(() => this.#ended ? undefined : this.#handle(message));
  }

  deliver(frame: Frame): void {
    this.#socket.send(frame);
  }

  /** Sends an event of the server's own accord. */
  push(event: string, payload: JsonObject): void {
    this.#send(null, event, payload);
  }

  reply(ref: string | null, status: "ok" | "error", response: unknown): void {
    this.#send(ref, "phx_reply", { status, response });
  }

  /** Tells the client that the channel has ended; it does not rejoin by itself. */
  sayClosed(): void {
    this.#send(this.joinRef, "phx_close", {});
  }

  /** Ends the channel with a reason, as on a lost permission. */
  shutDown(message: string): void {
    if (this.#ended) return;
    this.push("system", { extension: "system", status: "error", message, channel: this.address.topic });
    this.close();
  }

  /** Ends the channel with `phx_close`. */
  close(): void {
    if (this.#ended) return;
    this.#end();
    this.sayClosed();
  }

  /** Ends the channel with `phx_error`, on which clients join again. */
  crash(error: unknown): void {
    if (this.#ended) return;
    this.services.log(`realtime: a channel crashed: ${String(error)}`);
    this.#end();
    this.#send(this.joinRef, "phx_error", {});
  }

  /** Whether the client may send; asked of Postgres at the first try and remembered until a new token comes. */
  async mayWrite(extension: Extension): Promise<boolean> {
    if (!this.address.private) return true;
    const known = this.#writable[extension];
    if (known !== undefined) return known;
    const { topic } = this.address;
    const context = { topic, claims: this.#claims, headers: this.#socket.headers };
    const allowed = await this.services.authorizer.write(context, extension);
    this.#writable[extension] = allowed;
    return allowed;
  }

  async #handle(message: ClientMessage): Promise<void> {
    switch (message.event) {
      case "phx_leave":
        this.reply(message.ref, "ok", {});
        return this.close();
      case "broadcast":
        return await handleBroadcast(this, message);
      case "presence":
        return await handlePresence(this, message);
      case "access_token":
        return await this.#takeToken(asObject(message.payload).access_token);
    }
  }

  async #takeToken(token: unknown): Promise<void> {
    if (typeof token !== "string" || token.startsWith("sb_") || token === this.#token) return;
    try {
      const { claims, policies } = await this.#authorizeRead(token, this.address, this.join.presence.enabled);
      const before = this.#policies;
      if ((before.broadcast && !policies.broadcast) || (before.presence && !policies.presence)) {
        const { topic } = this.address;
        return this.shutDown(`You no longer have permission to read from this Channel topic: ${topic}`);
      }
      this.#token = token;
      this.#claims = claims;
      this.#policies = policies;
      this.#writable = {};
      this.#scheduleTokenCheck();
    } catch (error) {
      if (!(error instanceof RealtimeError)) throw error;
      this.shutDown(error.message);
    }
  }

  #scheduleTokenCheck(): void {
    this.#cancelTokenCheck();
    const { clock } = this.services;
    const untilExpiry = this.#claims.exp * 1000 - clock.now();
    const check = () => this.#mailbox.post(() => this.#checkToken());
    this.#cancelTokenCheck = clock.after(Math.min(TOKEN_CHECK_MS, Math.max(untilExpiry, 1)), check);
  }

  async #checkToken(): Promise<void> {
    if (this.#ended) return;
    try {
      await this.services.verifyToken(this.#token);
      this.#scheduleTokenCheck();
    } catch (error) {
      if (!(error instanceof RealtimeError)) throw error;
      this.shutDown(error.message);
    }
  }

  #end(): void {
    this.stop();
    this.#socket.forget(this);
  }

  #send(ref: string | null, event: string, payload: JsonObject): void {
    this.#socket.send(
      this.codec.encode({ joinRef: this.joinRef, ref, topic: this.topic, event, payload }),
    );
  }
}
