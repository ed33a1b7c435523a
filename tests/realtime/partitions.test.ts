import { afterAll, beforeAll, expect, test } from "vitest";
import { RawClient } from "./support/raw_client.ts";
import { startRealtime, type TestRealtime } from "./support/server.ts";
import { visitorTopic } from "./support/topics.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

let server: TestRealtime;
beforeAll(async () => {
  server = await startRealtime();
});
afterAll(() => server.stop());

function partitions() {
  return server.database.sql<{ name: string; owner: string }[]>`
    select inhrelid::regclass::text as name, pg_get_userbyid(relowner) as owner
    from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'realtime.messages'::regclass order by 1`;
}

test("there is a partition for each day from yesterday to three days ahead, owned by Realtime's role", async () => {
  await server.broadcast(visitorTopic()); // answered once the partitions are there
  const days = [-1, 0, 1, 2, 3].map((day) => new Date(Date.now() + day * DAY_MS).toISOString().slice(0, 10));
  expect(await partitions()).toEqual(days.map((day) => ({
    name: `realtime.messages_${day.replaceAll("-", "_")}`,
    owner: "supabase_realtime_admin",
  })));
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
  for (const { name } of await partitions()) await server.database.sql.unsafe(`drop table ${name}`);
  const client = await RawClient.open(server);
  const topic = visitorTopic();

  expect((await client.join(topic, { private: true })).reply).toEqual({
    status: "error",
    response: { reason: "MissingPartition: Realtime was unable to find the expected messages partition" },
  });
  const single = await server.broadcast(topic);
  expect([single.status, await single.json()]).toEqual([422, { message: "Missing messages partition" }]);
  expect((await client.join("lobby", {})).reply).toMatchObject({ status: "ok" });
  expect((await server.broadcast("lobby", { private: false })).status).toBe(202);
  await client.close();
});
