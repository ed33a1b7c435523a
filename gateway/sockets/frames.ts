import {
  type ClientFrame,
  clientFrame,
  FRAME_TYPES,
  type Named,
  type NamesAsWritten,
  type PublishFrame,
  type SubscribeFrame,
  type UnsubscribeFrame,
} from "../../shared/api/gateway.ts";
import { type Cursor, readCursor } from "../../shared/cursors.ts";
import { isObject } from "../../shared/envelope.ts";
import { type Database, Refusal } from "../database.ts";
import { join } from "../log/catch_up.ts";
import type { Hub } from "../log/hub.ts";
import { Subscription } from "../log/subscriber.ts";
import type { SocketConnection } from "./connection.ts";
import { createBucket, MOST_OF_READER, type Tally } from "../limits.ts";

export const FRAMES_A_SECOND = 10;
const FRAMES_BURST = 50;
/** Frames refused one after the other, after which whoever sends them is sent away. */
const MOST_REFUSED = 50;
const MOST_ERRORS = 10;

export interface FramesSetup {
  connection: SocketConnection;
  hub: Hub;
  database: Database;
  /** Subscriptions by reader. */
  tally: Tally;
  /** Something was written that all gateways tell. */
  onTold(): void;
  log(what: string, error?: unknown): void;
}

type Answer<Type extends ClientFrame["type"]> = Extract<ClientFrame, { type: Type }>;

/** Handles what a connection is sent, one frame after the other. */
export class FrameHandler {
  readonly #setup: FramesSetup;
  readonly #bucket = createBucket({
    rate: FRAMES_A_SECOND,
    burst: FRAMES_BURST,
    now: () => performance.now(),
  });
  #refused = 0;
  #errors = 0;
  #queue: Promise<void> = Promise.resolve();

  constructor(setup: FramesSetup) {
    this.#setup = setup;
  }

  receive(text: string): void {
    const { connection, log } = this.#setup;
    if (connection.isEnded) return;
    const waitMs = this.#bucket.take();
    if (waitMs > 0) return this.#refuse(waitMs);
    this.#refused = 0;
    const frame = this.#read(text);
    if (!frame) return;
    this.#queue = this.#queue.then(() => this.#handle(frame)).catch((error) => {
      log("frame_failed", error);
      connection.end("unavailable", "This can't be done just now: connect again.");
    });
  }

  #refuse(waitMs: number): void {
    const { connection } = this.#setup;
    const message = `Send ${FRAMES_A_SECOND} frames a second at most.`;
    if (++this.#refused > MOST_REFUSED) return connection.end("too_many_frames", message);
    connection.fail("rate_limited", message, { retryAfter: Math.ceil(waitMs / 1000) });
  }

  #read(text: string): ClientFrame | null {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return this.#misread("invalid_json", "A frame must be text that holds JSON.");
    }
    const ref = isObject(value) && typeof value.ref === "string" ? value.ref.slice(0, 64) : undefined;
    if (!isObject(value) || !FRAME_TYPES.includes(String(value.type))) {
      return this.#misread("unknown_type", `The type must be one of ${FRAME_TYPES.join(", ")}.`, ref);
    }
    const read = clientFrame.safeParse(value);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    return this.#misread("invalid_request", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`, ref);
  }

  #misread(code: "invalid_json" | "unknown_type" | "invalid_request", message: string, ref?: string): null {
    const { connection } = this.#setup;
    connection.fail(code, message, { ref });
    if (++this.#errors >= MOST_ERRORS) {
      connection.end("too_many_errors", "Too many frames could not be read.");
    }
    return null;
  }

  async #handle(frame: ClientFrame): Promise<void> {
    const { connection } = this.#setup;
    if (connection.isEnded) return;
    if (frame.type === "subscribe") return await this.#subscribe(frame);
    if (frame.type === "unsubscribe") return this.#unsubscribe(frame);
    if (frame.type === "list_subscriptions") return this.#list(frame);
    if (frame.type === "publish") return await this.#publish(frame);
    connection.send({ type: "pong", ref: frame.ref });
  }

  async #subscribe(frame: SubscribeFrame): Promise<void> {
    const { connection, hub, database, tally } = this.#setup;
    const { subscriber } = connection;
    const { ref, event } = frame;
    const since = sinceOf(frame);
    const named = namesIn(frame);
    const problem = since === undefined
      ? { code: "invalid_request" as const, message: "since: must be a cursor that was answered" }
      : this.#problemWith(named);
    if (problem || since === undefined) {
      const { code, message } = problem ?? { code: "invalid_request", message: "" };
      return connection.fail(code, message, { ref });
    }
    const subscriptions = named.map((each) => new Subscription({ ...each, event, subscriber }));
    tally.add(subscriber.reader.id, subscriptions.length);
    try {
      await join({
        hub,
        database,
        subscriber,
        subscriptions,
        since,
        onJoined: ({ cursor }) =>
          connection.send({
            type: "subscribed",
            ref,
            ...asWritten(frame),
            event,
            resumed: since !== null,
            ...(since === null ? { cursor } : {}),
          }),
      });
    } catch (error) {
      if (!subscriber.isGone) tally.add(subscriber.reader.id, -subscriptions.length);
      if (!(error instanceof Refusal)) throw error;
      const isOver = error.code === "PT410";
      const message = isOver
        ? "Fetch the state that you follow, then subscribe without since."
        : error.message;
      connection.fail(isOver ? "cursor_expired" : "invalid_request", message, { ref });
    }
  }

  #problemWith(named: NamedOfKind[]) {
    const { connection: { subscriber, maxSubscriptions }, tally } = this.#setup;
    const { subscriptions, reader } = subscriber;
    const known = named.find(({ name }, at) =>
      subscriptions.has(name) || named.findIndex((other) => other.name === name) < at
    );
    if (known) {
      return { code: "already_subscribed" as const, message: `${known.name} is subscribed to already.` };
    }
    const isForeign = named.some(({ filters }) =>
      filters.some(({ orgId }) => orgId !== undefined && !reader.orgs.has(orgId))
    );
    if (isForeign) return { code: "forbidden" as const, message: "Topics must be of your own organisation." };
    const isTooMany = subscriptions.size + named.length > maxSubscriptions ||
      tally.of(reader.id) + named.length > MOST_OF_READER;
    if (!isTooMany) return null;
    const message = `A connection has ${maxSubscriptions} subscriptions at most, a key ${MOST_OF_READER}.`;
    return { code: "too_many_subscriptions" as const, message };
  }

  #unsubscribe(frame: UnsubscribeFrame): void {
    const { connection, hub, tally } = this.#setup;
    const { subscriptions, reader } = connection.subscriber;
    const named = namesIn(frame);
    const unknown = named.find(({ name }) => !subscriptions.has(name));
    if (unknown) {
      return connection.fail("not_subscribed", `${unknown.name} is not subscribed to.`, { ref: frame.ref });
    }
    for (const { name } of named) {
      const subscription = subscriptions.get(name);
      if (!subscription) continue; // named twice
      hub.remove(subscription);
      tally.add(reader.id, -1);
    }
    connection.send({ type: "unsubscribed", ref: frame.ref, ...asWritten(frame) });
  }

  #list({ ref }: Answer<"list_subscriptions">): void {
    const { connection } = this.#setup;
    const subscriptions = [...connection.subscriber.subscriptions.values()].map(({ kind, name, event }) => ({
      [kind]: name,
      event,
    }));
    connection.send({ type: "subscriptions", ref, subscriptions });
  }

  async #publish({ ref, channel, data: { name } }: PublishFrame): Promise<void> {
    const { connection, database, onTold } = this.#setup;
    const { subscriber } = connection;
    const { id, whole, agents, scopes } = subscriber.reader;
    if (!scopes.has("events:write")) {
      return connection.fail(
        "forbidden",
        "Publishing takes an API key with the scope events:write, and no ticket.",
        { ref },
      );
    }
    try {
      await database.call("tell_typing", {
        p_conversation_id: channel.slice(channel.indexOf(":") + 1),
        p_wanted: { orgs: [...whole], agents: [...agents] },
        p_by: { id, connection: subscriber.id, name },
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return connection.fail("forbidden", error.message, { ref });
    }
    onTold();
    connection.send({ type: "published", ref });
  }
}

interface NamedOfKind extends Named {
  kind: "channel" | "topic";
}

/** What is meant where nothing is named: all that they may read. */
const EVERYTHING: NamedOfKind = { kind: "topic", name: "*", filters: [{}] };

function namesIn({ channel, topic, channels, topics }: SubscribeFrame | UnsubscribeFrame): NamedOfKind[] {
  const kindOf = (kind: NamedOfKind["kind"]) => (each: Named) => ({ ...each, kind });
  const named = [
    ...[...(channel ? [channel] : []), ...channels].map(kindOf("channel")),
    ...[...(topic ? [topic] : []), ...topics].map(kindOf("topic")),
  ];
  return named.length > 0 ? named : [EVERYTHING];
}

function asWritten({ channel, topic, channels, topics }: SubscribeFrame | UnsubscribeFrame): NamesAsWritten {
  return {
    ...(channel ? { channel: channel.name } : {}),
    ...(topic ? { topic: topic.name } : {}),
    ...(channels.length > 0 ? { channels: channels.map(({ name }) => name) } : {}),
    ...(topics.length > 0 ? { topics: topics.map(({ name }) => name) } : {}),
  };
}

/** `undefined` for what is no cursor. */
function sinceOf({ since }: SubscribeFrame): { text: string; cursor: Cursor } | null | undefined {
  if (since === undefined) return null;
  try {
    return { text: since, cursor: readCursor(since) };
  } catch {
    return undefined;
  }
}
