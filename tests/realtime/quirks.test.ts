import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { visitorTopic } from "./support/topics.ts";

const READY = { private: true, broadcast: { replication_ready: true } };

let server: TestRealtime;
beforeAll(async () => {
  server = await startRealtime();
});
afterEach(() => server.fault({ fault: "clear" }));
afterAll(() => server.stop());

test("beyond the number of connections an upgrade is refused with 429, until one has gone", async () => {
  await server.fault({ fault: "set", connections: 1 });
  const client = await RawClient.open(server);
  const refused = new WebSocket(`${server.wsUrl}/websocket?apikey=${server.anon}&vsn=2.0.0`);
  const [, response] = await once(refused, "unexpected-response") as [unknown, IncomingMessage];
  const body = Buffer.concat(await response.toArray()).toString();
  expect([response.statusCode, body]).toEqual([429, '{"error":"Too many connected users"}']);
  refused.on("error", () => undefined).terminate();

  await server.fault({ fault: "clear" });
  await (await RawClient.open(server)).close();
  await client.close();
});

test("in a project where Realtime is switched off everything is refused", async () => {
  const client = await RawClient.open(server);
  await server.fault({ fault: "set", suspended: true });
  expect((await client.join("lobby", {})).reply).toEqual({
    status: "error",
    response: { reason: "RealtimeDisabledForTenant: Realtime disabled for this tenant" },
  });
  const single = await server.broadcast("lobby", { private: false });
  expect([single.status, await single.json()]).toEqual([403, { message: "Tenant is suspended" }]);
  const refused = new WebSocket(`${server.wsUrl}/websocket?apikey=${server.anon}&vsn=2.0.0`);
  const [, response] = await once(refused, "unexpected-response") as [unknown, IncomingMessage];
  const body = Buffer.concat(await response.toArray()).toString();
  expect([response.statusCode, body]).toEqual([403, '{"error":"Realtime was disabled for this tenant"}']);
  refused.on("error", () => undefined).terminate();
  await client.close();
});

test("a project may allow private channels only", async () => {
  await server.fault({ fault: "set", privateOnly: true });
  const client = await RawClient.open(server);
  expect((await client.join("lobby", {})).reply).toEqual({
    status: "error",
    response: { reason: "PrivateOnly: This project only allows private channels" },
  });
  expect((await client.join(visitorTopic(), { private: true })).reply.status).toBe("ok");
  await client.close();
});

test("replication may start after the first join: what is sent before is lost, and replication_ready marks the start", async () => {
  await server.fault({ fault: "hold_replication" });
  const topic = visitorTopic();
  const client = await RawClient.open(server);
  const { reply } = await client.join(topic, READY);
  expect(reply.status).toBe("ok");
  await server.database.sql`select realtime.send('{"lost": true}', 'refresh', ${topic})`;
  await server.fault({ fault: "release_replication" });

  expect(await client.next()).toMatchObject({
    3: "system",
    4: { message: "Replication connection established" },
  });
  await server.database.sql`select realtime.send('{"lost": false}', 'refresh', ${topic})`;
  const frame = await client.next();
  if (!Buffer.isBuffer(frame)) throw new Error("a text frame");
  expect(frame.toString()).toContain('"lost": false');
  await client.close();
});
