import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type AccessToken, authorizedTransport } from "../../../client/realtime/authorized_transport.ts";
import { openSocketOver } from "../../../client/realtime/realtime_socket.ts";
import type { LiveSocket } from "../../../client/realtime/socket.ts";
import { followTimers } from "../../support/pending_timers.ts";
import { type PhoenixConnection, phoenixTransport } from "./support/phoenix.ts";

const INBOX = "agent-x-inbox-1";
const EXPIRED = "Token has expired 0 seconds ago";
const FORBIDDEN = `You do not have permissions to read from this Channel topic: ${INBOX}`;

let socket: LiveSocket;
let server: PhoenixConnection;
let events: string[];

function open(accessToken: AccessToken): void {
  const fake = phoenixTransport();
  events = [];
  const target = { url: "wss://project.example/realtime/v1", key: "sb_publishable_test" };
  socket = openSocketOver(authorizedTransport(fake.transport, accessToken), target, {
    joined: (topic) => events.push(`joined ${topic}`),
    received: (topic) => events.push(`heard ${topic}`),
    refused: (topic, reason) => events.push(`refused ${topic} ${reason}`),
    lost: () => events.push("lost"),
  });
  socket.join(INBOX);
  const [connection] = fake.connections;
  if (!connection) throw new Error("no connection was made");
  server = connection;
}

/** Hands out `token-1`, `token-2` and so on. */
function numberedTokens(): AccessToken {
  let last = 0;
  return () => Promise.resolve(`token-${++last}`);
}

async function openJoined(accessToken: AccessToken = numberedTokens()): Promise<void> {
  open(accessToken);
  server.accept();
  await passing(0);
  server.allow(INBOX);
  await passing(0);
}

const passing = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);
const tokensOf = (event: string) => server.frames(event).map(([, , , , payload]) => payload);

function closeAt(message: string): void {
  server.system(INBOX, message);
  server.channelEvent(INBOX, "phx_close");
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a join waits for the token and carries it", async () => {
  let hand = (_token: string) => {};
  open(() => new Promise((resolve) => (hand = resolve)));
  server.accept();
  await passing(1000);
  expect(server.frames("phx_join")).toEqual([]);

  hand("token-1");
  await passing(0);
  expect(tokensOf("phx_join")).toEqual([
    expect.objectContaining({ access_token: "token-1", config: expect.objectContaining({ private: true }) }),
  ]);
});

test("a channel that ends with its token is joined again on the same socket with a new one", async () => {
  await openJoined();
  closeAt(EXPIRED);
  await passing(0);
  expect(tokensOf("phx_join")).toEqual([
    expect.objectContaining({ access_token: "token-1" }),
    expect.objectContaining({ access_token: "token-2" }),
  ]);
  server.allow(INBOX);
  server.broadcast(INBOX, null);
  await passing(0);

  expect(events).toEqual([`joined ${INBOX}`, `joined ${INBOX}`, `heard ${INBOX}`]);
  expect(server.readyState).toBe(1);
});

test("a join after the token's end that is not answered within ten seconds is a loss", async () => {
  await openJoined();
  closeAt(EXPIRED);
  await passing(10_000);
  expect(events).toEqual([`joined ${INBOX}`, "lost"]);
});

test("a refreshed token goes to every channel with the next heartbeat, the same one does not", async () => {
  const tokens = ["token-1", "token-1", "token-2", "token-2"];
  await openJoined(() => Promise.resolve(tokens.shift() ?? null));
  await passing(25_000);
  expect(server.frames("access_token")).toEqual([]);
  await passing(50_000);

  expect(server.frames("access_token").map(([joinRef, , topic, , payload]) => [joinRef, topic, payload]))
    .toEqual([[server.frames("phx_join")[0]?.[0], `realtime:${INBOX}`, { access_token: "token-2" }]]);
});

test("a channel closed because its user may read it no more is refused, and the socket stays", async () => {
  await openJoined();
  closeAt(FORBIDDEN);
  await passing(60_000);
  expect(events).toEqual([`joined ${INBOX}`, `refused ${INBOX} unauthorized`]);
  expect(server.frames("phx_join")).toHaveLength(1);
  expect(server.readyState).toBe(1);
});

test.each([
  ["without a reason", () => server.channelEvent(INBOX, "phx_close")],
  ["for its rate", () => closeAt("Too many messages per second")],
  ["by a crash", () => server.channelEvent(INBOX, "phx_error")],
])("a channel that ends %s is a loss", async (_reason, end) => {
  await openJoined();
  end();
  await passing(0);
  expect(events).toEqual([`joined ${INBOX}`, "lost"]);
});

test.each<[string, AccessToken]>([
  ["nobody is signed in", () => Promise.resolve(null)],
  ["no token can be had", () => Promise.reject(new Error("offline"))],
])("a connection is lost where %s", async (_why, accessToken) => {
  open(accessToken);
  server.accept();
  await passing(0);
  expect(events).toEqual(["lost"]);
  expect(server.frames("phx_join")).toEqual([]);
});

test("a channel that was left while its token was awaited is not joined", async () => {
  let hand = (_token: string) => {};
  open(() => new Promise((resolve) => (hand = resolve)));
  server.accept();
  socket.leave(INBOX);
  hand("token-1");
  await passing(60_000);
  expect(server.frames("phx_join")).toEqual([]);
  expect(events).toEqual([]);
});

test("a closed socket asks for nothing more and leaves no timer behind", async () => {
  const pending = followTimers("client/realtime");
  await openJoined();
  expect(pending()).toBeGreaterThan(0);
  closeAt(EXPIRED);
  socket.close();
  await passing(60_000);
  expect(server.frames("phx_join")).toHaveLength(1);
  expect(pending()).toBe(0);
});
