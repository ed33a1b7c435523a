import { RealtimeClient } from "@supabase/realtime-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient, joined } from "./support/client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { openRooms } from "./support/topics.ts";

const PRIVATE = { private: true };
const SELF = { private: true, broadcast: { self: true, ack: true } };

let server: TestRealtime;
let older: RealtimeClient;
let newer: RealtimeClient;
beforeAll(async () => {
  server = await startRealtime();
  await openRooms(server.database.sql);
  older = createClient(server, { vsn: "1.0.0" });
  newer = createClient(server, { vsn: "2.0.0" });
});
afterAll(async () => {
  await Promise.all([older.disconnect(), newer.disconnect()]);
  await server.stop();
});

test.each([["1.0.0", "2.0.0"], ["2.0.0", "1.0.0"]])(
  "what a client of %s sends one of %s hears",
  async (from) => {
    const topic = `room:from ${from}`;
    const [one, other] = from === "1.0.0" ? [older, newer] : [newer, older];
    const [sender, receiver] = [await joined(one, topic, SELF), await joined(other, topic, PRIVATE)];

    expect(await sender.channel.send({ type: "broadcast", event: "ev", payload: { a: 1 } })).toBe("ok");

    const message = { type: "broadcast", event: "ev", payload: { a: 1 } };
    expect([await sender.messages.next(), await receiver.messages.next()]).toEqual([message, message]);
  },
);

test("both hear either endpoint and the database", async () => {
  const receivers = [await joined(older, "room:1", PRIVATE), await joined(newer, "room:1", PRIVATE)];
  await server.broadcast("room:1", { event: "single" });
  await server.post("/api/broadcast", {
    headers: { authorization: `Bearer ${server.serviceRole}`, "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ topic: "room:1", event: "batch", payload: {}, private: true }] }),
  });
  await server.database.sql`select realtime.send('{}', 'sql', 'room:1')`;

  for (const { messages } of receivers) {
    const heard = [await messages.next(), await messages.next(), await messages.next()];
    expect(heard.map(({ event }) => event)).toEqual(["single", "batch", "sql"]);
    expect(heard[2]).toHaveProperty("meta.id");
  }
});

test("bytes reach clients of 2.0.0 only", async () => {
  const [old, sender] = [await joined(older, "room:2", PRIVATE), await joined(newer, "room:2", SELF)];
  await sender.channel.send({ type: "broadcast", event: "bytes", payload: new Uint8Array([1]).buffer });
  await sender.channel.send({ type: "broadcast", event: "text", payload: {} });
  expect((await sender.messages.next()).event).toBe("bytes");
  expect((await old.messages.next()).event).toBe("text");
});

test("an older client leaves, and gets phx_close when its channel is closed", async () => {
  const first = await joined(older, "room:3", PRIVATE);
  expect(await first.channel.unsubscribe()).toBe("ok");
  await server.members("room:3", 0);
  const second = await joined(older, "room:3", PRIVATE);
  await server.fault({ fault: "phx_close", topic: "room:3" });
  expect(await second.statuses.next()).toMatchObject({ status: "CLOSED" });
});

test("a server without proxy has other paths", async () => {
  const origin = server.httpUrl.replace("/realtime/v1", "");
  const client = new RealtimeClient(`${origin.replace("http", "ws")}/socket`, {
    params: { apikey: server.anon },
    transport: (await import("ws")).WebSocket as never,
  });
  const { messages } = await joined(client, "room:4", PRIVATE);
  const answer = await fetch(`${origin}/api/broadcast/room:4/events/ev?private=true`, {
    method: "POST",
    headers: { apikey: server.serviceRole, "content-type": "application/json" },
    body: "{}",
  });
  expect([answer.status, (await messages.next()).event]).toEqual([202, "ev"]);
  await client.disconnect();
});
