import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient, joined } from "./support/client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { openRooms, visitorTopic } from "./support/topics.ts";
import { tokenFor } from "./support/tokens.ts";

let server: TestRealtime;
beforeAll(async () => {
  server = await startRealtime();
  // What a careless owner may have had before Heddle came.
  await server.database.sql`
    create policy "everybody sends everything" on realtime.messages for insert to anon, authenticated
    with check (true)`;
  await server.database.sql`
    create policy "everybody does everything" on realtime.messages for all to anon, authenticated
    using (true) with check (true)`;
  await openRooms(server.database.sql);
});
afterAll(() => server.stop());

test.each(["anon", "authenticated"])("%s cannot send on a visitor channel over the socket", async (role) => {
  const topic = visitorTopic();
  const forger = createClient(server, { token: await tokenFor(role) });
  const victim = createClient(server);
  const { messages } = await joined(victim, topic);
  const { channel } = await joined(forger, topic);

  expect(await channel.send({ type: "broadcast", event: "forged", payload: {} })).toBe("ok");
  await server.broadcast(topic, { event: "genuine" });

  expect(await messages.next()).toMatchObject({ event: "genuine" });
  await Promise.all([forger.disconnect(), victim.disconnect()]);
});

test("a forbidden send is never acknowledged", async () => {
  const client = createClient(server);
  const { channel } = await joined(client, visitorTopic(), { private: true, broadcast: { ack: true } });

  const forged = { type: "broadcast", event: "forged", payload: {} } as const;
  expect(await channel.send(forged, { timeout: 200 })).toBe("timed out");
  await client.disconnect();
});

test("anon cannot send on a visitor channel by REST: the single endpoint says so, the batch stays silent", async () => {
  const topic = visitorTopic();
  const victim = createClient(server);
  const { messages } = await joined(victim, topic);

  const single = await server.broadcast(topic, { token: server.anon });
  const batch = await server.post("/api/broadcast", {
    headers: { apikey: server.anon, "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ topic, event: "forged", payload: {}, private: true }] }),
  });
  await server.broadcast(topic, { event: "genuine" });

  expect([single.status, await single.json()]).toEqual([403, { message: "Unauthorized" }]);
  expect(batch.status).toBe(202);
  expect(await messages.next()).toMatchObject({ event: "genuine" });
  await victim.disconnect();
});

test("presence on a visitor channel is refused too", async () => {
  const client = createClient(server);
  const { channel } = await joined(client, visitorTopic(), { private: true, presence: { enabled: true } });

  expect(await channel.track({})).toBe("error");
  await client.disconnect();
});

test("the owner's other channels stay as they were", async () => {
  const [sender, receiver] = [createClient(server), createClient(server)];
  const { messages } = await joined(receiver, "room:1");
  const { channel } = await joined(sender, "room:1", { private: true, broadcast: { ack: true } });

  expect(await channel.send({ type: "broadcast", event: "hello", payload: { n: 1 } })).toBe("ok");

  expect(await messages.next()).toMatchObject({ event: "hello", payload: { n: 1 } });
  await Promise.all([sender.disconnect(), receiver.disconnect()]);
});

test("a permission to send is asked for once, at the first send, and remembered", async () => {
  const client = createClient(server);
  const config = { private: true, broadcast: { ack: true, self: true } };
  const { channel, messages } = await joined(client, "room:2", config);
  const send = (event: string) => channel.send({ type: "broadcast", event, payload: {} });
  expect(await send("before")).toBe("ok");

  await server.database.sql`drop policy "everybody does everything" on realtime.messages`;
  await server.database.sql`drop policy "everybody sends everything" on realtime.messages`;
  await server.database.sql`drop policy "rooms are written" on realtime.messages`;

  expect(await send("after")).toBe("ok");
  expect(await messages.next()).toMatchObject({ event: "before" });
  expect(await messages.next()).toMatchObject({ event: "after" });
  await client.disconnect();
});
