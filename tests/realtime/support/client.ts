import { RealtimeChannel, RealtimeClient, type RealtimeClientOptions } from "@supabase/realtime-js";
import { WebSocket } from "ws";
import { Queue } from "./queue.ts";
import type { TestRealtime } from "./server.ts";

/** The library that browsers use, on Node's WebSocket. */
export function createClient(
  server: TestRealtime,
  { token = server.anon, ...options }: { token?: string } & RealtimeClientOptions = {},
): RealtimeClient {
  return new RealtimeClient(server.wsUrl, {
    params: { apikey: token },
    transport: WebSocket as unknown as RealtimeClientOptions["transport"],
    ...options,
  });
}

export interface Subscription {
  channel: RealtimeChannel;
  messages: Queue<Record<string, unknown>>;
  statuses: Queue<{ status: string; message?: string }>;
}

/** Subscribes to a channel; statuses and broadcasts are awaited from the queues. */
export function subscribe(
  client: RealtimeClient,
  topic: string,
  config: NonNullable<Parameters<RealtimeClient["channel"]>[1]>["config"] = { private: true },
): Subscription {
  const messages: Subscription["messages"] = new Queue();
  const statuses: Subscription["statuses"] = new Queue();
  const channel = client.channel(topic, { config });
  channel.on("broadcast", { event: "*" }, (message) => messages.push(message));
  channel.subscribe((status, error) => statuses.push({ status, message: error?.message }));
  return { channel, messages, statuses };
}

/** Subscribes and waits until it is joined; throws on any other status. */
export async function joined(...args: Parameters<typeof subscribe>): Promise<Subscription> {
  const subscription = subscribe(...args);
  const { status, message } = await subscription.statuses.next();
  if (status !== "SUBSCRIBED") throw new Error(`${status}: ${message}`);
  return subscription;
}
