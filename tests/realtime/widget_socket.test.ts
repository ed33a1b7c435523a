import { WebSocket } from "ws";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openSocketOver } from "../../client/realtime/realtime_socket.ts";
import type { LiveSocket } from "../../client/realtime/socket.ts";
import { createClient, joined } from "./support/client.ts";
import { Queue } from "./support/queue.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { visitorTopic } from "./support/topics.ts";

const Transport = WebSocket as unknown as new (url: string) => globalThis.WebSocket;
let server: TestRealtime;
let sockets: LiveSocket[] = [];

beforeAll(async () => {
  server = await startRealtime();
});
afterEach(async () => {
  for (const socket of sockets) socket.close();
  sockets = [];
  await server.fault({ fault: "clear" });
});
afterAll(() => server.stop());

function open() {
  const events = new Queue<string>();
  const socket = openSocketOver(Transport, { url: server.wsUrl, key: server.anon }, {
    joined: () => events.push("joined"),
    received: (_topic, envelope) => events.push(envelope ? envelope.type : "heard"),
    refused: (_topic, reason) => events.push(`refused: ${reason}`),
    lost: () => events.push("lost"),
  });
  sockets.push(socket);
  return { socket, events };
}

async function openJoined() {
  const topic = visitorTopic();
  const { socket, events } = open();
  socket.join(topic);
  expect(await events.next()).toBe("joined");
  return { topic, socket, events };
}

test("hears what realtime-js hears, on a topic that both have joined, from either endpoint", async () => {
  const { topic, events } = await openJoined();
  const client = createClient(server);
  const { messages } = await joined(client, topic);

  await server.broadcast(topic, { event: "refresh" });
  expect([await events.next(), (await messages.next()).event]).toEqual(["heard", "refresh"]);

  await server.post("/api/broadcast", {
    headers: { authorization: `Bearer ${server.serviceRole}`, "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ topic, event: "refresh", payload: {}, private: true }] }),
  });
  expect([await events.next(), (await messages.next()).event]).toEqual(["heard", "refresh"]);
  await client.disconnect();
});

test("hears what the database sends as soon as it says that it has joined", async () => {
  const { topic, events } = await openJoined();
  await server.database.sql`select realtime.send('{}', 'refresh', ${topic})`;
  expect(await events.next()).toBe("heard");
});

test("has joined a second time when broadcasts from the database begin later than the join", async () => {
  await server.fault({ fault: "hold_replication" });
  const { topic, events } = await openJoined();
  await server.database.sql`select realtime.send('{}', 'refresh', ${topic})`; // lost
  await server.broadcast(topic);
  expect(await events.next()).toBe("heard");
  await server.fault({ fault: "release_replication" });
  expect(await events.next()).toBe("joined");
  await server.database.sql`select realtime.send('{}', 'refresh', ${topic})`;
  expect(await events.next()).toBe("heard");
});

test("hears every event, none of public broadcasts and none after it has left", async () => {
  const { topic, socket, events } = await openJoined();
  const other = visitorTopic();
  socket.join(other);
  expect(await events.next()).toBe("joined");

  const envelope = { v: 1, id: "1", type: "x-shop", at: "2026-01-01T00:00:00Z", data: {} };
  await server.broadcast(topic, { event: "something else", payload: envelope });
  expect(await events.next()).toBe("x-shop");
  await server.broadcast(topic, { private: false });
  socket.leave(topic);
  await server.members(topic, 0);
  await server.broadcast(topic);
  await server.broadcast(other);

  expect(await events.next()).toBe("heard");
  expect(await Promise.race([events.next(), Promise.resolve("nothing more")])).toBe("nothing more");
});

test("is refused a name that the policies don't know, and keeps its other channel", async () => {
  const { topic, socket, events } = await openJoined();
  socket.join("conv-without-a-signature");
  expect(await events.next()).toBe("refused: unauthorized");
  await server.broadcast(topic);
  expect(await events.next()).toBe("heard");
});

test.each([{ fault: "drop" }, { fault: "close", code: 1012 }, { fault: "phx_close" }, {
  fault: "phx_error",
}])(
  "is lost after $fault, once, and a new one takes its place",
  async (fault) => {
    const { topic, events } = await openJoined();
    await server.fault(fault);
    expect(await events.next()).toBe("lost");
    await server.members(topic, 0);

    const next = open();
    next.socket.join(topic);
    expect(await next.events.next()).toBe("joined");
  },
);

test("is lost when its upgrade is refused", async () => {
  await server.fault({ fault: "refuse_upgrades", times: 1 });
  const { socket, events } = open();
  socket.join(visitorTopic());
  expect(await events.next()).toBe("lost");
});
