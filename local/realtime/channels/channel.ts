import type { Extension } from "../auth/policies.ts";
import type { ClientMessage, Codec, Frame, Ref } from "../codec/codec.ts";
import { RealtimeError } from "../errors.ts";
import { asObject, type JsonObject } from "../json.ts";
import { CallLimit } from "../limits/limits.ts";
import type { Services } from "../services.ts";
import type { ChannelAccess } from "./access.ts";
import { handleBroadcast } from "./broadcast.ts";
import type { JoinRequest } from "./join_payload.ts";
import { Mailbox } from "./order.ts";
import { handlePresence } from "./presence.ts";
import { type Address, type Subscriber, TOPIC_PREFIX } from "./registry.ts";

/** What a channel needs of the socket it was joined on. */
export interface ChannelSocket {
  readonly codec: Codec;
  send(frame: Frame): void;
  /** The channel ended by itself: the socket forgets it. */
  forget(channel: Channel): void;
}

interface ChannelParts {
  socket: ChannelSocket;
  services: Services;
  address: Address;
  joinRef: Ref;
  join: JoinRequest;
  access: ChannelAccess;
  /** Ids of the messages that it is about to hear again: it does not hear these a second time. */
  replayed: ReadonlySet<string>;
}

/** One topic joined on one socket. */
export class Channel implements Subscriber {
  readonly address: Address;
  readonly topic: string;
  readonly joinRef: Ref;
  readonly join: JoinRequest;
  readonly codec: Codec;
  readonly services: Services;
  readonly replayed: ReadonlySet<string>;
  readonly presenceCalls: CallLimit;
  readonly #socket: ChannelSocket;
  readonly #access: ChannelAccess;
  readonly #mailbox = new Mailbox((error) => this.crash(error));
  #ended = false;

  constructor(parts: ChannelParts) {
    this.address = parts.address;
    this.topic = TOPIC_PREFIX + parts.address.topic;
    this.joinRef = parts.joinRef;
    this.join = parts.join;
    this.codec = parts.socket.codec;
    this.services = parts.services;
    this.replayed = parts.replayed;
    const { clock, settings } = parts.services;
    this.presenceCalls = new CallLimit(clock, {
      calls: settings.presenceCalls,
      windowMs: settings.presenceWindowMs,
    });
    this.#socket = parts.socket;
    this.#access = parts.access;
  }

  get receivesBroadcasts(): boolean {
    return this.#access.reads.broadcast;
  }

  /** Whether or not its join switched presence on: that decides about the state alone. */
  get receivesPresence(): boolean {
    return this.#access.reads.presence;
  }

  /** The client has left, was closed or is gone. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Has the policies asked about presence, which a join without it leaves out. */
  askForPresence(): Promise<void> {
    return this.#access.includePresence();
  }

  mayWrite(extension: Extension): Promise<boolean> {
    return this.#access.mayWrite(extension);
  }

  /** Starts receiving. */
  start(): void {
    this.services.registry.add(this.address, this);
    this.#scheduleTokenCheck();
  }

  /** Stops receiving and answering, without a word to the client. */
  stop(): void {
    this.#ended = true;
    this.#access.end();
    this.services.registry.remove(this.address, this);
    this.services.presences.untrack(this);
  }

  /** Takes a client's message; answers come in the order of the messages. */
  receive(message: ClientMessage): void {
    this.#post(() => this.#handle(message));
  }

  /** Takes what came from others. Above the project's rate it is the last thing that the channel hears. */
  deliver(frame: Frame): void {
    const { messages } = this.services.limits;
    this.#socket.send(frame);
    messages.count();
    if (messages.reached) this.#post(() => this.endWith("Too many messages per second"));
  }

  /** Sends a frame as it is. */
  sendFrame(frame: Frame): void {
    this.#socket.send(frame);
  }

  /** Sends an event of the server's own accord. */
  push(event: string, payload: JsonObject): void {
    this.#send(null, event, payload);
  }

  /** Sends an event that is not about this channel's join alone. */
  announce(event: string, payload: JsonObject): void {
    this.#socket.send(this.codec.encode({ joinRef: null, ref: null, topic: this.topic, event, payload }));
  }

  reply(ref: Ref, status: "ok" | "error", response: unknown): void {
    this.#send(ref, "phx_reply", { status, response });
  }

  /** Tells the client that the channel has ended; it does not rejoin by itself. */
  sayClosed(): void {
    this.#send(this.joinRef, "phx_close", {});
  }

  /** Ends the channel with a `system` message that says why. */
  endWith(message: string): void {
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
    this.#send(this.joinRef, "phx_error", { reason: "channel_crash" });
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
        return await this.#closeIfRefused(() => this.#access.renew(asObject(message.payload).access_token));
      default:
        this.services.limits.messages.count();
    }
  }

  #scheduleTokenCheck(): void {
    const check = () => this.#closeIfRefused(() => this.#access.check());
    this.#access.scheduleCheck(() => this.#post(check));
  }

  async #closeIfRefused(check: () => Promise<void>): Promise<void> {
    try {
      await check();
      this.#scheduleTokenCheck();
    } catch (error) {
      if (!(error instanceof RealtimeError)) throw error;
      this.endWith(error.message);
    }
  }

  #post(task: () => void | Promise<void>): void {
    this.#mailbox.post(() => this.#ended ? undefined : task());
  }

  #end(): void {
    this.stop();
    this.#socket.forget(this);
  }

  #send(ref: Ref, event: string, payload: JsonObject): void {
    this.#socket.send(
      this.codec.encode({ joinRef: this.joinRef, ref, topic: this.topic, event, payload }),
    );
  }
}
