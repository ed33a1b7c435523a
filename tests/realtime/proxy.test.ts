import { RealtimeClient } from "@supabase/realtime-js";
import { createClient, type SupabaseClientOptions } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { startStack, type TestStack } from "../support/stack.ts";
import { joined } from "./support/client.ts";
import { Queue } from "./support/queue.ts";
import { visitorTopic } from "./support/topics.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const transport = WebSocket as unknown as NonNullable<
  SupabaseClientOptions<"public">["realtime"]
>["transport"];

test("project keys do at the proxy: the publishable one joins, the secret one publishes", async () => {
  const client = createClient(stack.apiUrl, stack.publishableKey, { realtime: { transport } });
  const owner = createClient(stack.apiUrl, stack.secretKey, { realtime: { transport } });
  const topic = visitorTopic();
  const channel = client.channel(topic, { config: { private: true } });
  const received = new Promise((resolve) => channel.on("broadcast", { event: "refresh" }, resolve));
  await new Promise((resolve, reject) =>
    channel.subscribe((status, error) => status === "SUBSCRIBED" ? resolve(status) : reject(error))
  );

  const sender = owner.channel(topic, { config: { private: true } });
  expect(await sender.httpSend("refresh", { v: 1 })).toEqual({ success: true });
  expect(await received).toEqual({ type: "broadcast", event: "refresh", payload: { v: 1 } });
  await Promise.all([client.removeAllChannels(), owner.removeAllChannels()]);
});

test("the publishable key may not publish on a visitor's channel", async () => {
  const client = createClient(stack.apiUrl, stack.publishableKey, { realtime: { transport } });
  const channel = client.channel(visitorTopic(), { config: { private: true } });
  await expect(channel.httpSend("refresh", {})).rejects.toThrow("Unauthorized");
  await client.removeAllChannels();
});

test("both keys do at the paths of a Realtime without proxy too", async () => {
  const topic = visitorTopic();
  const client = new RealtimeClient(`${stack.apiUrl.replace("http", "ws")}/socket`, {
    params: { apikey: stack.publishableKey },
    transport,
  });
  const { messages } = await joined(client, topic);
  const answer = await fetch(`${stack.apiUrl}/api/broadcast/${topic}/events/refresh?private=true`, {
    method: "POST",
    headers: { apikey: stack.secretKey, "content-type": "application/json" },
    body: "{}",
  });
  expect(answer.status).toBe(202);
  expect((await messages.next()).event).toBe("refresh");
  await client.disconnect();
});

test("a key that is none of the project's is refused", async () => {
  const client = createClient(stack.apiUrl, "sb_publishable_unknown", { realtime: { transport } });
  const channel = client.channel(visitorTopic(), { config: { private: true } });
  expect(await new Promise((resolve) => channel.subscribe(resolve))).toBe("CHANNEL_ERROR");
  await client.removeAllChannels();
});

test("a connection opened with a project key joins nothing after the key's time; a new one lives anew", async () => {
  const client = createClient(stack.apiUrl, stack.publishableKey, { realtime: { transport } });
  const statuses = new Queue<[string, string?]>();
  const subscribe = () =>
    client.channel(visitorTopic(), { config: { private: true } })
      .subscribe((status, error) => statuses.push([status, error?.message]));

  await stack.realtime({ fault: "set", keyLifeMs: 1 });
  subscribe();
  expect(await statuses.next()).toEqual([
    "CHANNEL_ERROR",
    expect.stringMatching(/^InvalidJWTToken: Token has expired \d+ seconds ago$/),
  ]);
  await stack.realtime({ fault: "clear" });
  await client.removeAllChannels(); // disconnects
  while ((await statuses.next())[0] !== "CLOSED");
  subscribe();
  expect(await statuses.next()).toEqual(["SUBSCRIBED", undefined]);
  await client.removeAllChannels();
});
