import { RealtimeClient, type RealtimeClientOptions } from "@supabase/realtime-js";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import type { TestStack } from "../../support/stack.ts";

export interface Subscriber {
  /** Resolves with the time at which the callback is called next, in milliseconds of `performance.now`. */
  next(): Promise<number>;
  close(): void;
}

export interface Listener {
  /** Resolves when the event has arrived on every channel, with the time of the last one, in milliseconds of `performance.now`. */
  heard(id: string): Promise<number>;
  close(): void;
}

/** Listens on a channel as a page does, with Supabase's own client. */
export async function subscribe(stack: TestStack, topic: string): Promise<Subscriber> {
  const client = clientOf(stack);
  const { callback, next } = waiting();
  await joined(client, topic, callback);
  return { next, close: () => void client.disconnect() };
}

/** Listens on several channels, for events that are told apart by their ids. */
export async function listenTo(stack: TestStack, topics: string[]): Promise<Listener> {
  const client = clientOf(stack);
  const awaited = new Map<string, { left: number; resolve(at: number): void }>();
  const callback = (id: string) => {
    const event = awaited.get(id);
    if (!event || --event.left > 0) return;
    awaited.delete(id);
    event.resolve(performance.now());
  };
  for (const topic of topics) await joined(client, topic, ({ payload }) => callback(String(payload.id)));
  return {
    heard: (id) => new Promise((resolve) => awaited.set(id, { left: topics.length, resolve })),
    close: () => void client.disconnect(),
  };
}

function clientOf(stack: TestStack): RealtimeClient {
  return new RealtimeClient(`${stack.apiUrl.replace("http", "ws")}/realtime/v1`, {
    params: { apikey: stack.publishableKey },
    transport: WebSocket as unknown as RealtimeClientOptions["transport"],
  });
}

async function joined(
  client: RealtimeClient,
  topic: string,
  callback: (message: { payload: Record<string, unknown> }) => void,
): Promise<void> {
  const channel = client.channel(topic, {
    config: { private: true, broadcast: { replication_ready: true } },
  });
  channel.on("broadcast", { event: "refresh" }, (message) => callback({ payload: message.payload }));
  await new Promise<void>((resolve) => {
    channel.on("system", {}, ({ status }: { status: string }) => status === "ok" && resolve());
    channel.subscribe();
  });
}

/** The same with socket.io. */
export async function joinRoom(url: string, room: string): Promise<Subscriber> {
  const socket = io(url, { transports: ["websocket"], auth: { room } });
  const { callback, next } = waiting();
  socket.on("refresh", callback);
  await new Promise<void>((resolve) => socket.on("joined", resolve));
  return { next, close: () => void socket.disconnect() };
}

function waiting() {
  let tell: (at: number) => void = () => undefined;
  return {
    callback: () => tell(performance.now()),
    next: () => new Promise<number>((resolve) => tell = resolve),
  };
}
