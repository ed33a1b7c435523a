import { afterAll, beforeAll, expect, test } from "vitest";
import { RawClient, userBroadcastPush } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { openRooms, visitorTopic } from "./support/topics.ts";

let server: TestRealtime;
let client: RawClient;
beforeAll(async () => {
  server = await startRealtime({ channelsPerSocket: 3, frameBytes: 100_000, payloadBytes: 1000 });
  await openRooms(server.database.sql);
});
afterAll(() => server.stop());

async function open(): Promise<RawClient> {
  client = await RawClient.open(server);
  return client;
}

const PRIVATE = { private: true };
const heartbeatReply = (ref: string) => [null, ref, "phoenix", "phx_reply", { status: "ok", response: {} }];

test("a join is answered with its references and an empty list of Postgres changes", async () => {
  const client = await open();
  client.send(["6", "6", "realtime:room:1", "phx_join", { config: PRIVATE }]);
  expect(await client.next()).toEqual(
    ["6", "6", "realtime:room:1", "phx_reply", { status: "ok", response: { postgres_changes: [] } }],
  );
  await client.close();
});

test("references are returned as sent, numbers as numbers", async () => {
  const client = await open();
  client.send([6, 6, "realtime:room:1", "phx_join", { config: PRIVATE }]);
  expect(await client.next()).toMatchObject([6, 6, "realtime:room:1", "phx_reply", { status: "ok" }]);
  client.send([6, 7, "realtime:room:1", "phx_leave", {}]);
  expect(await client.next()).toMatchObject([6, 7, "realtime:room:1", "phx_reply", { status: "ok" }]);
  expect(await client.next()).toEqual([6, 6, "realtime:room:1", "phx_close", {}]);
  await client.close();
});

test("a join without settings is for the Postgres changes that its topic names", async () => {
  const client = await open();
  client.send(["1", "1", "realtime:public:items", "phx_join", {}]);
  const postgres_changes = [{ schema: "public", table: "items", id: expect.any(Number) }];
  expect(await client.next()).toMatchObject({ 4: { status: "ok", response: { postgres_changes } } });
  await client.close();
});

test("a heartbeat is answered", async () => {
  const client = await open();
  client.send([null, "15", "phoenix", "heartbeat", {}]);
  expect(await client.next()).toEqual(heartbeatReply("15"));
  await client.close();
});

test("a leave is answered, then the channel is closed", async () => {
  const client = await open();
  const { ref } = await client.join("room:1", PRIVATE);
  client.send([ref, "16", "realtime:room:1", "phx_leave", {}]);
  expect(await client.next()).toEqual(
    [ref, "16", "realtime:room:1", "phx_reply", { status: "ok", response: {} }],
  );
  expect(await client.next()).toEqual([ref, ref, "realtime:room:1", "phx_close", {}]);
  await client.close();
});

test("leaving a topic that is not joined is answered and no more", async () => {
  const client = await open();
  client.send(["1", "2", "realtime:room:1", "phx_leave", {}]);
  expect(await client.next()).toEqual(
    ["1", "2", "realtime:room:1", "phx_reply", { status: "ok", response: {} }],
  );
  expect(await client.expectNothing()).toEqual(heartbeatReply("1"));
  await client.close();
});

test("joining a topic again answers the new join first, then closes the old one", async () => {
  const client = await open();
  const topic = "realtime:room:1";
  client.send(["1", "1", topic, "phx_join", { config: PRIVATE }]);
  client.send(["2", "2", topic, "phx_join", { config: PRIVATE }]);
  const reply = (ref: string) => [ref, ref, topic, "phx_reply", {
    status: "ok",
    response: { postgres_changes: [] },
  }];
  expect(await client.next()).toEqual(reply("1"));
  expect(await client.next()).toEqual(reply("2"));
  expect(await client.next()).toEqual(["1", "1", topic, "phx_close", {}]);

  await server.broadcast("room:1");
  expect(await client.next()).toBeInstanceOf(Buffer);
  expect(await client.expectNothing()).toEqual(heartbeatReply("1"));
  await client.close();
});

test.each([
  ["nonsense:1", "phx_join", "unmatched topic"],
  ["realtime:not-joined", "broadcast", "unmatched topic"],
])("%s %s is answered with: %s", async (topic, event, reason) => {
  const client = await open();
  client.send(["7", "8", topic, event, {}]);
  expect(await client.next()).toEqual(
    [null, "8", topic, "phx_reply", { status: "error", response: { reason } }],
  );
  await client.close();
});

test.each([
  [null, "expected params to be a :map, got: `nil`"],
  [[], "expected params to be a :map, got: `[]`"],
  [{ config: "x" }, 'expected config to be a :map, got: `"x"`'],
])("a join whose payload is %j is refused", async (payload, message) => {
  const client = await open();
  client.send(["1", "1", "realtime:room:1", "phx_join", payload]);
  const response = { reason: `UnknownErrorOnChannel: ${message}` };
  expect(await client.next()).toEqual(
    ["1", "1", "realtime:room:1", "phx_reply", { status: "error", response }],
  );
  await client.close();
});

test.each([null, [], "text"])("a text broadcast whose payload is %j crashes its channel", async (payload) => {
  const client = await open();
  const { ref } = await client.join("room:1", PRIVATE);
  client.send([ref, "9", "realtime:room:1", "broadcast", payload]);
  expect(await client.next()).toEqual([ref, ref, "realtime:room:1", "phx_error", {
    reason: "channel_crash",
  }]);
  client.send([ref, "10", "realtime:room:1", "broadcast", {}]);
  expect(await client.next()).toMatchObject({ 4: { response: { reason: "unmatched topic" } } });
  await client.close();
});

test("a topic needs a name", async () => {
  const client = await open();
  const { reply } = await client.join("", PRIVATE);
  expect(reply).toEqual({
    status: "error",
    response: { reason: "TopicNameRequired: You must provide a topic name" },
  });
  await client.close();
});

test("one connection joins only so many channels", async () => {
  const client = await open();
  for (const topic of ["1", "2", "3"]) {
    expect((await client.join(topic, {})).reply).toMatchObject({ status: "ok" });
  }
  expect((await client.join("4", {})).reply).toEqual({
    status: "error",
    response: { reason: "ChannelRateLimitReached: Too many channels" },
  });
  await client.close();
});

test("malformed frames are dropped and the connection stays", async () => {
  const client = await open();
  for (
    const frame of ["{", "{}", "[]", '["1","1",2,"phx_join",{}]', Uint8Array.of(), Uint8Array.of(3, 255)]
  ) {
    client.send(frame);
  }
  expect(await client.expectNothing()).toEqual(heartbeatReply("1"));
  await client.close();
});

test("a frame that is too long ends the connection", async () => {
  const client = await open();
  client.send([null, "1", "phoenix", "heartbeat", { filling: "x".repeat(100_000) }]);
  expect(await client.closed).toBe(1006);
});

test("a refused join is late, and nothing else is answered before it", async () => {
  const slow = await startRealtime({ joinBackoffMs: 300 });
  const client = await RawClient.open(slow);
  const topic = visitorTopic().slice(1);
  const from = performance.now();
  client.send(["1", "1", `realtime:${topic}`, "phx_join", { config: PRIVATE }]);
  client.send([null, "2", "phoenix", "heartbeat", {}]);
  const reason = `Unauthorized: You do not have permissions to read from this Channel topic: ${topic}`;

  expect(await client.next()).toEqual(
    ["1", "1", `realtime:${topic}`, "phx_reply", { status: "error", response: { reason } }],
  );
  expect(performance.now() - from).toBeGreaterThanOrEqual(300);
  expect(await client.next()).toEqual(heartbeatReply("2"));
  await client.close();
  await slow.stop();
});

test("a single REST broadcast arrives as a binary frame without metadata", async () => {
  const client = await open();
  await client.join("room:1", PRIVATE);
  await server.broadcast("room:1", { event: "ev", payload: { a: 1 } });
  const text = "realtime:room:1" + "ev" + '{"a":1}';
  expect(await client.next()).toEqual(Buffer.concat([Buffer.of(4, 15, 2, 0, 1), Buffer.from(text)]));
  await client.close();
});

test("an octet-stream broadcast arrives as it was sent, marked binary", async () => {
  const client = await open();
  await client.join("room:1", PRIVATE);
  await server.post("/api/broadcast/room%3A1/events/ev?private=true", {
    headers: { apikey: server.serviceRole, "content-type": "application/octet-stream" },
    body: Uint8Array.of(0, 255, 7),
  });
  const header = Buffer.concat([Buffer.of(4, 15, 2, 0, 0), Buffer.from("realtime:room:1ev")]);
  expect(await client.next()).toEqual(Buffer.concat([header, Buffer.of(0, 255, 7)]));
  await client.close();
});

test("a batch arrives as text frames, with the message's id where it has one", async () => {
  const client = await open();
  await client.join("room:1", PRIVATE);
  const message = { topic: "room:1", event: "ev", payload: { a: 1 }, private: true };
  const id = "5f3a7b0e-0000-4000-8000-000000000001";
  await server.post("/api/broadcast", {
    headers: { apikey: server.serviceRole, "content-type": "application/json" },
    body: JSON.stringify({ messages: [message, { ...message, id }] }),
  });
  const payload = { event: "ev", payload: { a: 1 }, type: "broadcast" };
  expect(await client.next()).toEqual([null, null, "realtime:room:1", "broadcast", payload]);
  expect(await client.next()).toEqual(
    [null, null, "realtime:room:1", "broadcast", { ...payload, meta: { id } }],
  );
  await client.close();
});

test("a client's binary broadcast is passed on as binary, its text broadcast as text, word for word", async () => {
  const [sender, receiver] = [await RawClient.open(server), await RawClient.open(server)];
  const { ref } = await sender.join("room:1", PRIVATE);
  await receiver.join("room:1", PRIVATE);

  sender.send(
    userBroadcastPush({ joinRef: ref, ref: "7", topic: "room:1", event: "ev", payload: '{"a":1}' }),
  );
  const text = { type: "broadcast", event: "ev", payload: { b: 2 }, extra: [null] };
  sender.send([ref, "8", "realtime:room:1", "broadcast", text]);

  const expected = Buffer.concat([Buffer.of(4, 15, 2, 0, 1), Buffer.from('realtime:room:1ev{"a":1}')]);
  expect(await receiver.next()).toEqual(expected);
  expect(await receiver.next()).toEqual([null, null, "realtime:room:1", "broadcast", text]);
  expect(await sender.expectNothing()).toEqual(heartbeatReply("2")); // no ack, no copy of its own
  await Promise.all([sender.close(), receiver.close()]);
});

test("bytes in Phoenix's own frame are passed on in its own frame", async () => {
  const [sender, receiver] = [await RawClient.open(server), await RawClient.open(server)];
  const { ref } = await sender.join("room:1", { ...PRIVATE, broadcast: { ack: true } });
  await receiver.join("room:1", PRIVATE);
  const names = Buffer.from(`${ref}7realtime:room:1broadcast`);
  sender.send(Buffer.concat([Buffer.of(0, ref.length, 1, 15, 9), names, Buffer.of(0, 255)]));

  const expected = [Buffer.of(2, 15, 9), Buffer.from("realtime:room:1broadcast"), Buffer.of(0, 255)];
  expect(await receiver.next()).toEqual(Buffer.concat(expected));
  expect(await sender.next()).toMatchObject([ref, "7", "realtime:room:1", "phx_reply", { status: "ok" }]);
  await Promise.all([sender.close(), receiver.close()]);
});

test("ack answers a broadcast, self returns it to its sender", async () => {
  const client = await open();
  const { ref } = await client.join("room:1", { ...PRIVATE, broadcast: { ack: true, self: "TRUE" } });
  client.send(userBroadcastPush({ joinRef: ref, ref: "7", topic: "room:1", event: "ev", payload: "{}" }));

  expect(await client.next()).toBeInstanceOf(Buffer);
  expect(await client.next()).toEqual(
    [ref, "7", "realtime:room:1", "phx_reply", { status: "ok", response: {} }],
  );
  await client.close();
});

test("a payload that is too large is refused with a bare word", async () => {
  const client = await open();
  const { ref } = await client.join("room:1", { ...PRIVATE, broadcast: { ack: true } });
  client.send([ref, "7", "realtime:room:1", "broadcast", { event: "ev", payload: "x".repeat(1000) }]);
  expect(await client.next()).toEqual(
    [ref, "7", "realtime:room:1", "phx_reply", { status: "error", response: "payload_size_exceeded" }],
  );
  await client.close();
});

test("unknown events are ignored", async () => {
  const client = await open();
  const { ref } = await client.join("room:1", PRIVATE);
  client.send([ref, "7", "realtime:room:1", "made_up", {}]);
  expect(await client.expectNothing()).toEqual(heartbeatReply("2"));
  await client.close();
});

test("a socket that says nothing for too long is closed", async () => {
  const impatient = await startRealtime({ idleMs: 100 });
  const client = await RawClient.open(impatient);
  expect(await client.closed).toBe(1000);
  await impatient.stop();
});
