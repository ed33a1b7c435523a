import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { openRooms, visitorTopic } from "./support/topics.ts";

let server: TestRealtime;
/** Connected to another database. */
let admin: Sql;
beforeAll(async () => {
  admin = postgres(inject("adminUrl"), { max: 1 });
  server = await startRealtime();
  await openRooms(server.database.sql);
});
afterAll(async () => {
  await server.stop();
  await admin.end();
});

const PRIVATE = { private: true };

test("a policy that raises an error refuses joins and broadcasts of its topics", async () => {
  await server.database.sql`
    create policy "broken" on realtime.messages
    using (realtime.topic() not like 'broken%' or length(topic) / 0 = 1)`;
  const client = await RawClient.open(server);

  expect((await client.join("broken:1", PRIVATE)).reply).toEqual({
    status: "error",
    response: {
      reason: "Unauthorized: You do not have permissions to read from this Channel topic: broken:1",
    },
  });
  const single = await server.broadcast("broken:1", { token: server.anon });
  expect([single.status, await single.json()]).toEqual([422, { message: "RLS policy error" }]);
  await client.close();
});

test("while Postgres takes no connections joined clients stay, and what needs it fails", async () => {
  const { name } = server.database;
  const topic = visitorTopic();
  const client = await RawClient.open(server);
  await client.join("lobby", {});
  await admin`alter database ${admin(name)} with allow_connections false`;
  await admin`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`;

  const single = await server.broadcast(topic);
  expect([single.status, await single.json()]).toEqual([429, { message: "Connection pool exhausted" }]);
  expect((await client.join(topic, PRIVATE)).reply).toEqual({
    status: "error",
    response: { reason: "IncreaseConnectionPool: Please increase your connection pool size" },
  });
  expect((await server.broadcast("lobby", { private: false })).status).toBe(202);
  expect(await client.next()).toBeInstanceOf(Buffer);

  await admin`alter database ${admin(name)} with allow_connections true`;
  expect((await server.broadcast(topic)).status).toBe(202);
  await client.close();
});
