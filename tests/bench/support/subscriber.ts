import { RealtimeClient, type RealtimeClientOptions } from "@supabase/realtime-js";
import { io } from "socket.io-client";
import { WebSocket } from "ws";
import type { TestStack } from "../../support/stack.ts";

export interface Subscriber {
  /** Resolves with the time at which the callback is called next, in milliseconds of `performance.now`. */
  next(): Promise<number>;
  close(): void;
}

/** Listens on a channel as a page does, with Supabase's own client. */
export async function subscribe(stack: TestStack, topic: string): Promise<Subscriber> {
  const client = new RealtimeClient(`${stack.apiUrl.replace("http", "ws")}/realtime/v1`, {
    params: { apikey: stack.publishableKey },
    transport: WebSocket as unknown as RealtimeClientOptions["transport"],
  });
  const { callback, next } = waiting();
  const channel = client.channel(topic, {
    config: { private: true, broadcast: { replication_ready: true } },
  });
  channel.on("broadcast", { event: "refresh" }, callback);
  await new Promise<void>((resolve) => {
    channel.on("system", {}, ({ status }: { status: string }) => status === "ok" && resolve());
    channel.subscribe();
  });
  return { next, close: () => void client.disconnect() };
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
