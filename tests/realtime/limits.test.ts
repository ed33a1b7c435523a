import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { createClient, joined, subscribe } from "./support/client.ts";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";

let server: TestRealtime;
beforeAll(async () => {
  server = await startRealtime();
});
afterEach(() => server.fault({ fault: "clear" }));
afterAll(() => server.stop());

const rateOf = (answer: Response) =>
  ["rolling", "limit", "limit-remaining"].map((name) => Number(answer.headers.get(`x-rate-${name}`)));

const batch = (messages: number) =>
  server.post("/api/broadcast", {
    headers: { apikey: server.serviceRole, "content-type": "application/json" },
    body: JSON.stringify({ messages: Array(messages).fill({ topic: "hall", event: "ev", payload: {} }) }),
  });

/** Broadcasts until there are too many: within a second, when that second counts. */
async function broadcastUntilRefused(): Promise<Response> {
  let answer: Response;
  do answer = await server.broadcast("hall", { private: false }); while (answer.status === 202);
  return answer;
}

/**
 * Joins one topic again and again until there are too many joins: within a second, when that second counts. So many at once that
 * their mean stays above the limit for a while, also on a slow machine.
 */
async function joinUntilRefused(raw: RawClient): Promise<unknown> {
  for (;;) {
    const refs = Array.from({ length: 200 }, () => raw.ref());
    for (const ref of refs) raw.send([ref, ref, "realtime:busy", "phx_join", { config: {} }]);
    for (const _ of refs) {
      const answer = await raw.frames.nextWhere((frame) => Array.isArray(frame) && frame[3] === "phx_reply");
      const { 4: reply } = answer as [string, string, string, string, { status: string }];
      if (reply.status !== "ok") return reply;
    }
  }
}

test("every answer to a broadcast reports the rate, also without a limit", async () => {
  for (const token of [server.serviceRole, "garbage"]) {
    const [rolling = NaN, limit = NaN, remaining] = rateOf(await server.broadcast("hall", { token }));
    expect([rolling >= 0, limit, remaining]).toEqual([true, 1_000_000, limit - rolling]);
  }
});

test("a ping is answered without a key, and counts", async () => {
  const answer = await fetch(`${server.httpUrl}/api/ping`);
  expect([answer.status, await answer.json()]).toEqual([200, { message: "Success" }]);
  expect(answer.headers.has("x-rate-limit")).toBe(true);
});

test("above the limit on messages REST refuses, SQL is lost without a word, and subscribers are closed", async () => {
  const subscriber = createClient(server);
  const { statuses } = await joined(subscriber, "hall", {});
  const raw = await RawClient.open(server);
  await raw.join("hall", {});
  await server.fault({ fault: "set", messagesPerSecond: 1 });
  expect([(await batch(1)).status, await (await batch(2)).json()]).toEqual([
    202,
    { message: "Too many messages to broadcast, please reduce the batch size" },
  ]);

  const refused = await broadcastUntilRefused();
  expect([refused.status, await refused.json()]).toEqual([429, {
    message: "You have exceeded your rate limit",
  }]);
  expect(await (await batch(1)).json()).toEqual({ message: "You have exceeded your rate limit" });
  await server.database.sql`select realtime.send('{}', 'from sql', 'hall', false)`;

  const bystander = await RawClient.open(server);
  const { ref } = await bystander.join("hall", { broadcast: { self: true, replication_ready: true } });
  expect(await bystander.next()).toMatchObject({ 3: "system", 4: { status: "ok" } });
  bystander.send([ref, "9", "realtime:hall", "broadcast", { event: "ev" }]);
  expect(await statuses.next()).toMatchObject({ status: "CLOSED" });
  expect(await bystander.next()).toMatchObject({ 3: "broadcast" }); // and nothing from SQL before it
  const heard = await raw.frames.nextWhere((frame) => Array.isArray(frame) && frame[3] === "system");
  expect(heard).toMatchObject({ 4: { status: "error", message: "Too many messages per second" } });
  expect(await raw.next()).toMatchObject({ 3: "phx_close" });
  await Promise.all([raw.close(), bystander.close(), subscriber.disconnect()]);
});

test("above the limit on joins a client is refused and disconnected, and new connections are refused", async () => {
  await server.fault({ fault: "set", joinsPerSecond: 3 });
  const raw = await RawClient.open(server);
  const client = createClient(server, { reconnectAfterMs: () => 60_000 });
  const waiting = await joined(client, "waiting", {});

  const reply = await joinUntilRefused(raw);
  expect(reply).toEqual({
    status: "error",
    response: { reason: "ClientJoinRateLimitReached: Too many joins per second" },
  });
  expect(await raw.closed).toBe(1001);

  const late = subscribe(client, "late", {});
  expect(await late.statuses.next()).toEqual({
    status: "CHANNEL_ERROR",
    message: "ClientJoinRateLimitReached: Too many joins per second",
  });
  expect(await waiting.statuses.next()).toEqual({
    status: "CHANNEL_ERROR",
    message: "socket closed: 1001",
  });

  const refused = new WebSocket(`${server.wsUrl}/websocket?apikey=${server.anon}&vsn=2.0.0`);
  const [, response] = await once(refused, "unexpected-response") as [unknown, IncomingMessage];
  const body = Buffer.concat(await response.toArray()).toString();
  expect([response.statusCode, body]).toEqual([429, '{"error":"Too many joins per second"}']);
  refused.on("error", () => undefined).terminate();
  await client.disconnect();
});
