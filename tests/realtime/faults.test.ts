import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { RealtimeClient } from "@supabase/realtime-js";
import { createClient, joined, subscribe } from "./support/client.ts";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { visitorTopic } from "./support/topics.ts";

let server: TestRealtime;
const clients: RealtimeClient[] = [];
beforeAll(async () => {
  server = await startRealtime();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.disconnect()));
  await server.fault({ fault: "clear" });
});
afterAll(() => server.stop());

/** Reconnects at once: production waits a second and more. */
function client(options: Parameters<typeof createClient>[1] = {}): RealtimeClient {
  const created = createClient(server, { reconnectAfterMs: () => 1, ...options });
  clients.push(created);
  return created;
}

test("dropped: clients reconnect, and hear what is published after they are back", async () => {
  const topic = visitorTopic();
  const { statuses, messages } = await joined(client(), topic);

  await server.fault({ fault: "drop" });

  expect(await statuses.next()).toMatchObject({ status: "CHANNEL_ERROR" });
  await statuses.nextWhere(({ status }) => status === "SUBSCRIBED");
  await server.broadcast(topic, { event: "after" });
  expect(await messages.next()).toMatchObject({ event: "after" });
});

test("dropped: the close code is 1006", async () => {
  const raw = await RawClient.open(server);
  await server.fault({ fault: "drop" });
  expect(await raw.closed).toBe(1006);
});

test("closed with 1012, as on a deploy: clients reconnect", async () => {
  const { statuses } = await joined(client(), visitorTopic());

  await server.fault({ fault: "close" });

  expect(await statuses.next()).toEqual({ status: "CHANNEL_ERROR", message: "socket closed: 1012" });
  expect(await statuses.next()).toMatchObject({ status: "SUBSCRIBED" });
});

test("disconnected by the server: channels get an error, and clients reconnect", async () => {
  const raw = await RawClient.open(server);
  await raw.join("lobby", {});
  const { statuses } = await joined(client(), "lobby", {});

  await server.fault({ fault: "disconnect" });

  const payload = { extension: "system", status: "ok", message: "Server requested disconnect" };
  expect(await raw.next()).toEqual([null, null, "realtime:lobby", "system", payload]);
  expect(await raw.closed).toBe(1012);
  expect(await statuses.next()).toEqual({ status: "CHANNEL_ERROR", message: "socket closed: 1012" });
  expect(await statuses.next()).toMatchObject({ status: "SUBSCRIBED" });
});

test("stalled: the client's heartbeat goes unanswered and it reconnects", async () => {
  const { statuses } = await joined(client({ heartbeatIntervalMs: 100 }), visitorTopic());

  await server.fault({ fault: "stall" });
  expect(await statuses.next()).toEqual({ status: "CHANNEL_ERROR", message: "heartbeat timeout" });

  await server.fault({ fault: "resume" });
  expect(await statuses.nextWhere(({ status }) => status === "SUBSCRIBED")).toBeDefined();
});

test("stalled and resumed in time: what waited arrives in order", async () => {
  const raw = await RawClient.open(server);
  const topic = visitorTopic();
  await raw.join(topic, { private: true });

  await server.fault({ fault: "stall" });
  await server.broadcast(topic, { event: "waited" });
  raw.send([null, "9", "phoenix", "heartbeat", {}]);
  await server.fault({ fault: "resume" });

  expect(await raw.next()).toBeInstanceOf(Buffer);
  expect(await raw.next()).toEqual([null, "9", "phoenix", "phx_reply", { status: "ok", response: {} }]);
  await raw.close();
});

test("joins refused: the client gets the reason, and joins when it tries again", async () => {
  const reason = "ConnectionRateLimitReached: Too many connected users";
  await server.fault({ fault: "refuse_joins", reason, times: 1 });
  const { statuses } = subscribe(client(), visitorTopic());

  expect(await statuses.next()).toEqual({ status: "CHANNEL_ERROR", message: reason });
  expect(await statuses.next()).toMatchObject({ status: "SUBSCRIBED" });
});

test("joins of one topic refused: others are not affected", async () => {
  const [refused, welcome] = [visitorTopic(), visitorTopic()];
  await server.fault({ fault: "refuse_joins", reason: "no", topic: refused });
  const socket = client();

  expect(await subscribe(socket, refused).statuses.next()).toEqual({
    status: "CHANNEL_ERROR",
    message: "no",
  });
  await joined(socket, welcome);
});

test("joins never answered: the client gives up, and joins once they are", async () => {
  await server.fault({ fault: "hold_joins" });
  const { statuses } = subscribe(client({ timeout: 200 }), visitorTopic());
  expect(await statuses.next()).toMatchObject({ status: "TIMED_OUT" });

  await server.fault({ fault: "release_joins" });
  expect(await statuses.nextWhere(({ status }) => status === "SUBSCRIBED")).toBeDefined();
});

test("joins answered late: the client joins all the same", async () => {
  await server.fault({ fault: "delay_joins", ms: 150 });
  const from = performance.now();
  await joined(client(), visitorTopic());
  expect(performance.now() - from).toBeGreaterThanOrEqual(149);
});

test("phx_close: the client's channel is closed and not joined again", async () => {
  const topic = visitorTopic();
  const { channel, statuses } = await joined(client(), topic);

  expect(await server.fault({ fault: "phx_close", topic })).toEqual({ ok: true, channels: 1 });

  expect(await statuses.next()).toMatchObject({ status: "CLOSED" });
  await server.members(topic, 0);
  expect(channel.state).toBe("closed");
});

test("phx_error: the client's channel fails and is joined again", async () => {
  const topic = visitorTopic();
  const { statuses } = await joined(client(), topic);

  expect(await server.fault({ fault: "phx_error", topic })).toEqual({ ok: true, channels: 1 });

  expect(await statuses.next()).toMatchObject({ status: "CHANNEL_ERROR" });
  expect(await statuses.next()).toMatchObject({ status: "SUBSCRIBED" });
});

test("upgrades refused with 429: the client hears of it once, keeps trying and gets in", async () => {
  await server.fault({ fault: "refuse_upgrades", times: 2 });
  const { statuses } = subscribe(client(), visitorTopic());

  expect(await statuses.next()).toMatchObject({ status: "CHANNEL_ERROR" });
  expect(await statuses.next()).toMatchObject({ status: "SUBSCRIBED" });
});

test("the refusal of an upgrade is a 429", async () => {
  await server.fault({ fault: "refuse_upgrades" });
  await expect(RawClient.open(server)).rejects.toThrow("429");
});

test("down: connections are dropped, and connections and broadcasts refused, until it is up again", async () => {
  const topic = visitorTopic();
  const { statuses } = await joined(client(), topic);

  await server.fault({ fault: "down" });
  expect(await statuses.next()).toMatchObject({ status: "CHANNEL_ERROR" });
  expect((await server.broadcast(topic)).status).toBe(503);
  await expect(RawClient.open(server)).rejects.toThrow("503");

  await server.fault({ fault: "clear" });
  expect((await server.broadcast(topic)).status).toBe(202);
});

test("a fault that does not exist is refused", async () => {
  await expect(server.fault({ fault: "earthquake" })).rejects.toThrow("fault");
});
