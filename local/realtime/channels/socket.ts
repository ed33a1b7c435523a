import type { ClientMessage, Codec, Frame, Ref } from "../codec/codec.ts";
import { delay } from "../clock.ts";
import { RealtimeError, UNKNOWN_REASON } from "../errors.ts";
import { InjectedRefusal } from "../faults/faults.ts";
import type { JsonObject } from "../json.ts";
import type { Services } from "../services.ts";
import { ChannelAccess } from "./access.ts";
import { Channel, type ChannelSocket } from "./channel.ts";
import { parseJoin } from "./join_payload.ts";
import { Mailbox } from "./order.ts";
import { sendPresenceState } from "./presence.ts";
import { type Address, TOPIC_PREFIX } from "./registry.ts";
import { messagesToReplay, sendReplay } from "./replay.ts";
import { announceReplication, numberedChanges, refusePostgresChanges } from "./system_messages.ts";

/** The connection below a socket. */
export interface Transport {
  send(frame: Frame): void;
  close(code: number, reason: string): void;
  /** Ends the connection so that the client sees 1006. */
  drop(): void;
}

interface Connection {
  transport: Transport;
  codec: Codec;
  /** The verified token that the connection was opened with. */
  token: string;
  /** Its `x-*` headers, for policies. */
  headers: Record<string, string>;
}

const NORMAL_CLOSURE = 1000;
const GOING_AWAY = 1001;
export const TOO_MANY_JOINS = "Too many joins per second";

/** One client connection and the channels joined on it. */
export class RealtimeSocket implements ChannelSocket {
  readonly codec: Codec;
  readonly #headers: Record<string, string>;
  readonly #transport: Transport;
  readonly #token: string;
  readonly #services: Services;
  readonly #channels = new Map<string, Channel>();
  readonly #mailbox: Mailbox;
  readonly #openedAt: number;
  #cancelIdleTimer: () => void = () => undefined;
  #hasJoined = false;
  #closed = false;

  constructor(services: Services, connection: Connection) {
    this.codec = connection.codec;
    this.#headers = connection.headers;
    this.#transport = connection.transport;
    this.#token = connection.token;
    this.#services = services;
    this.#openedAt = services.clock.now();
    this.#mailbox = new Mailbox((error) => services.log(`realtime: a message failed: ${String(error)}`));
    this.#restartIdleTimer();
  }

  get channels(): Iterable<Channel> {
    return this.#channels.values();
  }

  isIdle(openMs: number): boolean {
    if (this.#channels.size > 0) return false;
    return this.#hasJoined || this.#services.clock.now() - this.#openedAt >= openMs;
  }

  /** Takes a frame from the client. Messages are handled in order; a join holds up all that follow it. */
  receive(frame: Frame): void {
    this.#restartIdleTimer();
    if (frame.length > this.#services.settings.frameBytes) return this.drop();
    this.#services.faults.stall.pass(() => {
      this.#mailbox.post(() => this.#closed ? undefined : this.#handle(frame));
    });
  }

  send(frame: Frame): void {
    this.#services.faults.stall.pass(() => {
      if (!this.#closed) this.#transport.send(frame);
    });
  }

  forget(channel: Channel): void {
    if (this.#channels.get(channel.topic) === channel) this.#channels.delete(channel.topic);
  }

  close(code: number, reason = ""): void {
    this.#transport.close(code, reason);
    this.disconnected();
  }

  drop(): void {
    this.#transport.drop();
    this.disconnected();
  }

  /** The connection is gone. */
  disconnected(): void {
    this.#closed = true;
    this.#cancelIdleTimer();
    for (const channel of this.#channels.values()) channel.stop();
    this.#channels.clear();
  }

  async #handle(frame: Frame): Promise<void> {
    const message = this.codec.decode(frame);
    if (!message) return this.#services.log("realtime: MalformedWebSocketMessage");
    const { topic, event, ref } = message;

    if (topic === "phoenix" && event === "heartbeat") return this.#reply(null, ref, topic, "ok", {});
    if (event === "phx_join" && topic.startsWith(TOPIC_PREFIX)) return await this.#join(message);

    const channel = this.#channels.get(topic);
    if (event === "phx_leave") {
      if (!channel) return this.#reply(message.joinRef, ref, topic, "ok", {});
      // Of an earlier join, whose channel has ended.
      if (message.joinRef !== null && message.joinRef !== channel.joinRef) return;
      this.#channels.delete(topic);
    }
    if (channel) return channel.receive(message);
    this.#reply(null, ref, topic, "error", { reason: "unmatched topic" });
  }

  async #join(message: ClientMessage): Promise<void> {
    const { topic, ref, joinRef } = message;
    const earlier = this.#channels.get(topic);
    earlier?.stop();
    this.#channels.delete(topic);

    try {
      const { channel, replay } = await this.#createChannel(message);
      if (this.#closed) return;
      this.#channels.set(topic, channel);
      this.#hasJoined = true;
      channel.start();
      this.#services.replication.begin();
      this.#reply(joinRef, ref, topic, "ok", { postgres_changes: numberedChanges(channel.join) });
      sendPresenceState(channel);
      sendReplay(channel, replay);
      refusePostgresChanges(channel);
      void announceReplication(channel);
    } catch (error) {
      await delay(this.#services.clock, this.#services.settings.joinBackoffMs);
      this.#reply(joinRef, ref, topic, "error", { reason: this.#reasonOf(error) });
      if (endsSocket(error)) return this.close(GOING_AWAY);
    }
    earlier?.sayClosed();
  }

  async #createChannel({ topic, joinRef, payload }: ClientMessage) {
    const subTopic = topic.slice(TOPIC_PREFIX.length);
    if (subTopic === "") throw new RealtimeError("TopicNameRequired", "You must provide a topic name");
    const { settings, limits } = this.#services;
    const join = parseJoin(payload, subTopic);
    if (settings.suspended) {
      throw new RealtimeError("RealtimeDisabledForTenant", "Realtime disabled for this tenant");
    }
    if (settings.privateOnly && !join.private) {
      throw new RealtimeError("PrivateOnly", "This project only allows private channels");
    }
    if (limits.joins.reached) throw new RealtimeError("ClientJoinRateLimitReached", TOO_MANY_JOINS);
    limits.joins.count();
    if (this.#channels.size >= settings.channelsPerSocket) {
      throw new RealtimeError("ChannelRateLimitReached", "Too many channels");
    }

    await this.#services.faults.beforeJoin(subTopic);
    const address: Address = { topic: subTopic, private: join.private };
    const token = join.accessToken ?? this.#token;
    const parts = {
      services: this.#services,
      address,
      headers: this.#headers,
      presence: join.presence.enabled,
    };
    const access = await ChannelAccess.of(parts, token);
    const replay = await messagesToReplay(this.#services, { address, join, reads: access.reads });
    const replayed = new Set(replay.map(({ id }) => id));
    const services = this.#services;
    return {
      channel: new Channel({ socket: this, services, address, joinRef, join, access, replayed }),
      replay,
    };
  }

  #reasonOf(error: unknown): string {
    if (error instanceof RealtimeError || error instanceof InjectedRefusal) return error.reason;
    this.#services.log(`realtime: a join failed: ${String(error)}`);
    return UNKNOWN_REASON;
  }

  #reply(
    joinRef: Ref,
    ref: Ref,
    topic: string,
    status: "ok" | "error",
    response: JsonObject,
  ): void {
    this.send(this.codec.encode({ joinRef, ref, topic, event: "phx_reply", payload: { status, response } }));
  }

  #restartIdleTimer(): void {
    this.#cancelIdleTimer();
    const { clock, settings } = this.#services;
    this.#cancelIdleTimer = clock.after(settings.idleMs, () => this.close(NORMAL_CLOSURE));
  }
}

function endsSocket(error: unknown): boolean {
  return error instanceof RealtimeError && error.code === "ClientJoinRateLimitReached";
}
