import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openSocketOver } from "../../../client/realtime/realtime_socket.ts";
import type { LiveSocket } from "../../../client/realtime/socket.ts";
import type { Envelope } from "../../../shared/events.ts";
import { followTimers } from "../../support/pending_timers.ts";
import { binaryFrame, type PhoenixConnection, phoenixTransport } from "./support/phoenix.ts";

const TOPIC = "agent-x-user-ada-1";
const UNAUTHORIZED = `Unauthorized: You do not have permissions to read from this Channel topic: ${TOPIC}`;

let socket: LiveSocket;
let server: PhoenixConnection;
let events: string[];
let envelopes: (Envelope | null)[];
let connections: PhoenixConnection[];

function open(): void {
  const fake = phoenixTransport();
  connections = fake.connections;
  events = [];
  envelopes = [];
  socket = openSocketOver(fake.transport, {
    url: "wss://project.example/realtime/v1",
    key: "sb_publishable_test",
  }, {
    joined: (topic) => events.push(`joined ${topic}`),
    received(topic, envelope) {
      envelopes.push(envelope);
      events.push(`${envelope?.type ?? "unreadable"} ${topic}`);
    },
    refused: (topic, reason) => events.push(`refused ${topic} ${reason}`),
    lost: () => events.push("lost"),
  });
  socket.join(TOPIC);
  const connection = connections[0];
  if (!connection) throw new Error("no connection was made");
  server = connection;
}

async function openJoined(): Promise<void> {
  open();
  server.accept();
  server.allow(TOPIC);
  await passing(0);
}

const envelope = (type: string, note = ""): Envelope => ({
  v: 1,
  id: "e0000000-0000-4000-8000-000000000001",
  type,
  at: "2026-01-01T00:00:00Z",
  data: note ? { note } : {},
});

const passing = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("connects to the project's Realtime with the publishable key", () => {
  open();
  expect(server.url).toBe("wss://project.example/realtime/v1/websocket?apikey=sb_publishable_test&vsn=2.0.0");
});

test("joins privately and without an access token", () => {
  open();
  server.accept();
  expect(server.frames("phx_join").map(([, , topic, , payload]) => [topic, payload])).toEqual([[
    `realtime:${TOPIC}`,
    expect.objectContaining({
      config: expect.objectContaining({
        private: true,
        postgres_changes: [],
        broadcast: { ack: false, self: false, replication_ready: true },
      }),
    }),
  ]]);
  expect(server.frames("phx_join")[0]?.[4]).not.toHaveProperty("access_token");
});

test("reports the join and the envelope of every broadcast, from text and from binary frames", async () => {
  await openJoined();
  server.broadcast(TOPIC, envelope("refresh"));
  server.broadcastBinary(TOPIC, envelope("refresh"));
  server.broadcast(TOPIC, envelope("x-shop", "from a later release"));
  server.broadcastBinary(TOPIC, { v: 2, anything: true });
  server.broadcast(TOPIC, null);

  expect(events).toEqual(
    ["joined", "refresh", "refresh", "x-shop", "unreadable", "unreadable"].map((each) => `${each} ${TOPIC}`),
  );
});

test("hands the envelope on as it was sent", async () => {
  await openJoined();
  const sent = { ...envelope("message:new"), data: { conversationId: "c1", text: "Grüße 👋" } };
  server.broadcast(TOPIC, sent);
  server.broadcastBinary(TOPIC, sent, '{"replayed":true}');
  expect(envelopes).toEqual([sent, sent]);
});

test.each([
  ["text that is not JSON", "<html>"],
  ["nothing", ""],
  ["JSON that is no array", '{"topic":"phoenix"}'],
  ["null", "null"],
  ["a short array", '["1","1"]'],
  ["an empty array", "[]"],
  ["a topic that is no text", `[null,null,5,"broadcast",{}]`],
  ["an event that is no text", `[null,null,"realtime:${TOPIC}",{},{}]`],
  ["a frame without a payload", `[null,null,"realtime:${TOPIC}","presence_state",null]`],
  ["a reply without a payload to nobody", `[null,"77","realtime:${TOPIC}","phx_reply",null]`],
  ["an empty binary frame", new ArrayBuffer(0)],
  ["a binary frame without a header", Uint8Array.from([4, 200]).buffer],
  ["a binary frame that ends within its topic", Uint8Array.from([4, 200, 7, 0, 1, 65]).buffer],
  ["a binary frame whose payload is cut off", binaryFrame(`realtime:${TOPIC}`, "refresh", '{"v":1,')],
  ["a binary frame of another kind", Uint8Array.from([9, 0, 0, 0, 1]).buffer],
  ["a blob", new Blob(["x"])],
])("%s is ignored, and what comes behind it is heard", async (_case, data) => {
  await openJoined();
  server.onmessage?.({ data });
  server.broadcast(TOPIC, envelope("refresh"));
  await passing(0);
  expect(events).toEqual([`joined ${TOPIC}`, `refresh ${TOPIC}`]);
});

test("broadcasts on a topic that it has joined, and on no other", async () => {
  await openJoined();
  socket.send(TOPIC, "typing", envelope("typing"));
  socket.send("conv-c1-1", "typing", envelope("typing"));
  expect(server.frames("broadcast").map(([, , topic, , payload]) => [topic, payload])).toEqual([
    [`realtime:${TOPIC}`, { type: "broadcast", event: "typing", payload: envelope("typing") }],
  ]);
});

test("a join that is answered without a reason is a loss", async () => {
  open();
  server.accept();
  server.onmessage?.({ data: JSON.stringify(["1", "1", `realtime:${TOPIC}`, "phx_reply", null]) });
  await passing(0);
  expect(events).toEqual(["lost"]);
});

test("a join is reported once the database's broadcasts arrive too, if that is soon", async () => {
  open();
  server.accept();
  server.allowUnready(TOPIC);
  await passing(299);
  expect(events).toEqual([]);
  server.ready(TOPIC);
  await passing(10_000);
  expect(events).toEqual([`joined ${TOPIC}`]);
});

test("otherwise it is reported at once and again then, and hints count meanwhile", async () => {
  open();
  server.accept();
  server.allowUnready(TOPIC);
  server.broadcastBinary(TOPIC, envelope("refresh"));
  await passing(300);
  server.ready(TOPIC);
  expect(events).toEqual([`refresh ${TOPIC}`, `joined ${TOPIC}`, `joined ${TOPIC}`]);
});

test("a topic that is left before that is not reported", async () => {
  open();
  server.accept();
  server.allowUnready(TOPIC);
  socket.leave(TOPIC);
  server.ready(TOPIC);
  await passing(10_000);
  expect(events).toEqual([]);
});

test("an unauthorized join is left at once and not tried again", async () => {
  await openJoined();
  socket.join("conv-c1-1");
  server.deny("conv-c1-1", UNAUTHORIZED);
  await passing(0);

  expect(events).toContain("refused conv-c1-1 unauthorized");
  expect(server.frames("phx_leave").map(([, , topic]) => topic)).toEqual(["realtime:conv-c1-1"]);
  await passing(60_000);
  expect(server.frames("phx_join").filter(([, , topic]) => topic === "realtime:conv-c1-1")).toHaveLength(1);
  expect(events).not.toContain("lost");
});

test.each([
  "InvalidJWTToken: Token has expired 3 seconds ago",
  "MalformedJWT: The token provided is not a valid JWT",
  "JwtSignatureError: Failed to validate JWT signature",
])("a join refused for its token says so: %s", async (reason) => {
  await openJoined();
  socket.join("conv-c1-1");
  server.deny("conv-c1-1", reason);
  await passing(0);
  expect(events).toContain("refused conv-c1-1 token");
});

test.each([
  ["is dropped", () => server.drop(1006)],
  ["is drained by a restart", () => server.drop(1012)],
  ["has its channel closed by the server", () => server.channelEvent(TOPIC, "phx_close")],
  ["has its channel crash", () => server.channelEvent(TOPIC, "phx_error")],
])("a socket that %s is lost once, disconnected and never comes back by itself", async (_what, fail) => {
  await openJoined();
  fail();
  await passing(0);
  expect(events).toEqual([`joined ${TOPIC}`, "lost"]);

  await passing(10 * 60_000);
  expect(server.readyState).toBe(3);
  expect(connections).toHaveLength(1);
  expect(events).toEqual([`joined ${TOPIC}`, "lost"]);
});

test("a refused upgrade is a loss, and is not repeated behind the core's back", async () => {
  open();
  server.refuse();
  await passing(10 * 60_000);

  expect(events).toEqual(["lost"]);
  expect(connections).toHaveLength(1);
});

test("a join that the database can't serve now is a loss", async () => {
  open();
  server.accept();
  server.deny(TOPIC, "IncreaseConnectionPool: Please increase your connection pool size");
  await passing(0);
  expect(events).toEqual(["lost"]);
});

test("a join that is not answered within ten seconds is a loss", async () => {
  open();
  server.accept();
  await passing(10_000);
  expect(events).toEqual(["lost"]);
});

test("a server that stops answering heartbeats is lost", async () => {
  await openJoined();
  server.send = () => {};
  await passing(50_000);
  expect(events).toEqual([`joined ${TOPIC}`, "lost"]);
  expect(server.readyState).toBe(3);
});

test("what is lost stays lost, even if the server does not answer that it is closed", async () => {
  await openJoined();
  server.send = () => {};
  server.close = () => {
    server.readyState = 2;
  };
  await passing(120_000);
  expect(events).toEqual([`joined ${TOPIC}`, "lost"]);
  expect(connections).toHaveLength(1);
});

test("losses and refusals are reported after the client's own callback has returned", async () => {
  await openJoined();
  server.drop(1006);
  expect(events).toEqual([`joined ${TOPIC}`]);
  await passing(0);
  expect(events).toEqual([`joined ${TOPIC}`, "lost"]);
});

test("a left topic is silent, and can be joined again with a new channel", async () => {
  await openJoined();
  socket.leave(TOPIC);
  server.broadcast(TOPIC, envelope("refresh"));
  socket.join(TOPIC);
  server.allow(TOPIC);
  await passing(0);

  expect(events).toEqual([`joined ${TOPIC}`, `joined ${TOPIC}`]);
  expect(server.frames("phx_join")).toHaveLength(2);
});

test("a closed socket is silent and leaves no timer behind", async () => {
  const pending = followTimers("client/realtime");
  await openJoined();
  expect(pending()).toBeGreaterThan(0);
  socket.close();
  await passing(15_000);

  expect(server.readyState).toBe(3);
  expect(events).toEqual([`joined ${TOPIC}`]);
  expect(pending()).toBe(0);
});

test("closing before the connection stands is silent as well", async () => {
  const pending = followTimers("client/realtime");
  open();
  socket.close();
  await passing(15_000);
  expect(events).toEqual([]);
  expect(pending()).toBe(0);
});

test("a platform without WebSockets counts as a loss", async () => {
  events = [];
  class Forbidden {
    constructor() {
      throw new Error("SecurityError");
    }
  }
  const target = { url: "wss://project.example/realtime/v1", key: "sb_publishable_test" };
  openSocketOver(Forbidden as never, target, {
    joined: () => {},
    received: () => {},
    refused: () => {},
    lost: () => events.push("lost"),
  }).join(TOPIC);
  await passing(0);
  expect(events).toEqual(["lost"]);
});
