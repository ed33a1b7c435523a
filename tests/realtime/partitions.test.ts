import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../local/realtime/clock.ts";
import { keepDatabase } from "../../local/realtime/database/keeper.ts";
import { keepPartitions } from "../../local/realtime/database/partitions.ts";
import { createClient, joined } from "./support/client.ts";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { visitorTopic } from "./support/topics.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

let server: TestRealtime;
beforeAll(async () => {
  server = await startRealtime();
});
afterEach(() => server.fault({ fault: "clear" }));
afterAll(() => server.stop());

function nameOf(day: number): string {
  const date = new Date(Date.now() + day * DAY_MS).toISOString().slice(0, 10);
  return `realtime.messages_${date.replaceAll("-", "_")}`;
}

function partitions() {
  return server.database.sql<{ name: string; owner: string }[]>`
    select inhrelid::regclass::text as name, pg_get_userbyid(relowner) as owner
    from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'realtime.messages'::regclass order by 1`;
}

test("there is a partition for each day from yesterday to three days ahead, owned by Realtime's role", async () => {
  await server.broadcast(visitorTopic()); // answered once the partitions are there
  expect(await partitions()).toEqual(
    [-1, 0, 1, 2, 3].map((day) => ({ name: nameOf(day), owner: "supabase_realtime_admin" })),
  );
});

test("partitions of days that ended more than 72 hours ago are dropped, and nothing else", async () => {
  const { sql } = server.database;
  await sql`create table realtime.messages_of_old partition of realtime.messages
    for values from ('2001-01-01') to ('2001-01-02')`;
  await keepPartitions(sql, Date.now() + 3 * DAY_MS);
  expect(await partitions()).toMatchObject(
    [0, 1, 2, 3, 4, 5, 6].map((day) => ({ name: nameOf(day) }))
      .concat({ name: "realtime.messages_of_old" }),
  );
  await sql`drop table realtime.messages_of_old`;
  await keepPartitions(sql, Date.now());
});

test("neither a join nor a broadcast leaves a row behind", async () => {
  const client = await RawClient.open(server);
  const topic = visitorTopic();
  await client.join(topic, { private: true });
  await server.broadcast(topic);
  await client.next();
  expect(await server.database.sql`select * from realtime.messages`).toHaveLength(0);
  await client.close();
});

test("without a partition for today private channels fail, and say so, and public ones work", async () => {
  await server.fault({ fault: "drop_partitions" });
  const client = await RawClient.open(server);
  const topic = visitorTopic();

  expect((await client.join(topic, { private: true })).reply).toEqual({
    status: "error",
    response: { reason: "MissingPartition: Realtime was unable to find the expected messages partition" },
  });
  const single = await server.broadcast(topic);
  expect([single.status, await single.json()]).toEqual([422, { message: "Missing messages partition" }]);
  const messages = [{ topic, event: "ev", payload: {}, private: true }];
  const batch = await server.post("/api/broadcast", {
    headers: { apikey: server.serviceRole, "content-type": "application/json" },
    body: JSON.stringify({ messages }),
  });
  expect(batch.status).toBe(202);
  await server.database.sql`select realtime.send('{}', 'ev', ${topic})`; // no more than a warning
  expect((await client.join("lobby", {})).reply).toMatchObject({ status: "ok" });
  expect((await server.broadcast("lobby", { private: false })).status).toBe(202);
  await client.close();
});

test("in a project that slept the first private broadcast fails, and one a moment later is accepted", async () => {
  await server.fault({ fault: "sleep" });
  const statuses = [(await server.broadcast(visitorTopic())).status];
  do statuses.push((await server.broadcast(visitorTopic())).status); while (statuses.at(-1) === 422);
  expect([statuses[0], statuses.at(-1)]).toEqual([422, 202]);
});

test("a join wakes it too", async () => {
  await server.fault({ fault: "sleep" });
  const client = createClient(server, { timeout: 1000 });
  await joined(client, "lobby", {});
  while ((await partitions()).length < 5);
  await client.disconnect();
});

test("so does one that comes while it is falling asleep", async () => {
  const log: string[] = [];
  const keeper = keepDatabase({
    sql: server.database.sql,
    clock: systemClock,
    log: (line) => log.push(line),
  });
  await keeper.ready;
  const asleep = keeper.sleep();
  keeper.wake();
  await asleep;
  await expect.poll(partitions).toHaveLength(5);
  expect(log).toEqual([]);
  keeper.stop();
});
