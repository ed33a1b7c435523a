import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient, joined, subscribe } from "./support/client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { visitorTopic } from "./support/topics.ts";

let server: TestRealtime;
beforeAll(async () => {
  server = await startRealtime();
});
afterAll(() => server.stop());

test("an anonymous client joins a well-formed visitor channel and receives what the server publishes", async () => {
  const client = createClient(server);
  const topic = visitorTopic();
  const { messages } = await joined(client, topic);

  const answer = await server.broadcast(topic, { payload: { v: 1 } });

  expect(answer.status).toBe(202);
  expect(await messages.next()).toEqual({ type: "broadcast", event: "refresh", payload: { v: 1 } });
  await client.disconnect();
});

test("two sockets on one topic each get one copy", async () => {
  const topic = visitorTopic();
  const clients = [createClient(server), createClient(server)];
  const subscriptions = await Promise.all(clients.map((client) => joined(client, topic)));

  for (const n of [1, 2]) await server.broadcast(topic, { payload: { n } });

  for (const { messages } of subscriptions) {
    expect(await messages.next()).toMatchObject({ payload: { n: 1 } });
    expect(await messages.next()).toMatchObject({ payload: { n: 2 } });
  }
  await Promise.all(clients.map((client) => client.disconnect()));
});

test.each(["room:1", "conv-1", `agent-x-user-y-${"0".repeat(64)}`, `conv-x-${"G".repeat(64)}`])(
  "no policy, no join: %s",
  async (topic) => {
    const client = createClient(server);
    const { statuses } = subscribe(client, topic);

    expect(await statuses.next()).toEqual({
      status: "CHANNEL_ERROR",
      message: `Unauthorized: You do not have permissions to read from this Channel topic: ${topic}`,
    });
    await client.disconnect();
  },
);

test("a public and a private channel of one name never hear each other", async () => {
  const topic = visitorTopic();
  const [privateClient, publicClient] = [createClient(server), createClient(server)];
  const privately = await joined(privateClient, topic);
  const publicly = await joined(publicClient, topic, { private: false, broadcast: { ack: true } });

  expect(await publicly.channel.send({ type: "broadcast", event: "forged", payload: {} })).toBe("ok");
  await server.broadcast(topic, { private: false, event: "public" });
  await server.broadcast(topic, { private: true, event: "private" });

  expect(await privately.messages.next()).toMatchObject({ event: "private" });
  expect(await publicly.messages.next()).toMatchObject({ event: "public" });
  await Promise.all([privateClient.disconnect(), publicClient.disconnect()]);
});

test("a join that asks for presence succeeds, and tracking is refused where the policies refuse it", async () => {
  const client = createClient(server);
  const { channel } = await joined(client, visitorTopic(), {
    private: true,
    presence: { key: "me", enabled: true },
  });

  expect(await channel.track({ typing: true })).toBe("error");
  await client.disconnect();
});

test("a join that requests Postgres changes succeeds and gets a message that there are none", async () => {
  const client = createClient(server);
  const channel = client.channel("changes");
  const told = new Promise((resolve) => channel.on("system", {}, resolve));
  channel.on("postgres_changes", { event: "*", schema: "public" }, () => undefined);
  const status = await new Promise((resolve) => channel.subscribe(resolve));

  expect(status).toBe("SUBSCRIBED");
  expect(await told).toMatchObject({ extension: "postgres_changes", status: "error" });
  await client.disconnect();
});

test("leaving ends the deliveries", async () => {
  const client = createClient(server);
  const topic = visitorTopic();
  const { channel, messages } = await joined(client, topic);
  const other = await joined(client, visitorTopic());

  await channel.unsubscribe();
  await server.members(topic, 0);
  await server.broadcast(topic);
  await server.broadcast(other.channel.subTopic, { event: "later" });

  expect(await other.messages.next()).toMatchObject({ event: "later" });
  messages.push({ event: "nothing came" });
  expect(await messages.next()).toEqual({ event: "nothing came" });
  await client.disconnect();
});
