import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepPartitions } from "../../../local/realtime/database/partitions.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await keepPartitions(database.sql, Date.now());
});
afterAll(() => database.drop());

/** As supabase/realtime 2.129.8 makes it; what SQL may rely on locally it may rely on at Supabase. */
describe("realtime.messages", () => {
  it.each([
    ["postgres", ["select", "insert", "update", "delete", "truncate"]],
    ["service_role", ["select", "insert", "update"]],
    ["authenticated", ["select", "insert", "update"]],
    ["anon", ["select", "insert", "update"]],
  ])("may be used by %s for %j only", async (role, expected) => {
    const rights = ["select", "insert", "update", "delete", "truncate", "trigger", "references", "maintain"];
    const granted = await database.sql<{ name: string }[]>`
      select name from unnest(${rights}::text[]) with ordinality as rights (name, place)
      where has_table_privilege(${role}, 'realtime.messages', name) order by place`;
    expect(granted.map(({ name }) => name)).toEqual(expected);
  });

  it("lets postgres erase what is stored", async () => {
    await database.sql`select realtime.send('{}', 'refresh', 'conv-1', true)`;
    await database.sql.begin(async (tx) => {
      await tx`set local role postgres`;
      expect(await tx`delete from realtime.messages returning topic`).toHaveLength(1);
    });
  });

  it("holds one payload in a row, JSON or bytes", async () => {
    const both = database.sql`
      insert into realtime.messages (topic, extension, event, payload, binary_payload)
      values ('conv-1', 'broadcast', 'refresh', '{}', 'x')`;
    await expect(both).rejects.toMatchObject({
      code: "23514",
      constraint_name: "messages_payload_exclusive",
    });
    for (const column of ["payload", "binary_payload"]) {
      const row = { topic: "conv-1", extension: "broadcast", event: "refresh", [column]: "1" };
      await database.sql`insert into realtime.messages ${database.sql(row)}`;
    }
  });

  it("has Realtime's index on every partition", async () => {
    const definitions = await database.sql<{ definition: string }[]>`
      select distinct regexp_replace(indexdef, '^.* USING ', '') as definition from pg_indexes
      where schemaname = 'realtime' and tablename like 'messages%' and indexdef !~ 'UNIQUE'`;
    expect(definitions.map(({ definition }) => definition)).toEqual([
      "btree (inserted_at DESC, topic) WHERE ((extension = 'broadcast'::text) AND (private IS TRUE))",
    ]);
    const [count] = await database.sql`
      select count(*) filter (where indexdef ~ 'inserted_at DESC')::int as indexes, count(distinct tablename)::int as tables
      from pg_indexes where schemaname = 'realtime' and tablename like 'messages%'`;
    expect(count).toEqual({ indexes: 6, tables: 6 });
  });
});
