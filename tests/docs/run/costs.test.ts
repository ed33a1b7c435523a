import { afterAll, beforeAll, expect, it } from "vitest";
import { DATABASE_BYTES, DELIVERIES } from "../../../cli/cost/measured.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { snippets } from "../support/documents.ts";
import { heddle } from "../../integration/cli/run.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

it("Heddle's tables take as much of the database as docs/costs.md says", async () => {
  const [row] = await database.sql`
    select sum(pg_total_relation_size(oid))::int as bytes from pg_class
    where relnamespace = 'heddle'::regnamespace and relkind = 'r'`;
  expect(row?.bytes).toBeLessThan(DATABASE_BYTES);
});

it("what a message writes to the log and to a webhook's deliveries is as large as the calculator says", async () => {
  const { sql } = database;
  await sql`insert into heddle.webhooks (org_id, url) select org_id, 'https://hooks.example/in' from heddle.agents limit 1`;
  const [agent] = await sql`select id from heddle.agents order by id limit 1`;
  const size = async (table: string) => {
    const [row] = await sql.unsafe(`
      select (pg_total_relation_size('heddle.${table}') + coalesce((
        select sum(pg_total_relation_size(relid)) from pg_partition_tree('heddle.${table}')
      ), 0))::int as bytes, (select count(*)::int from heddle.${table}) as rows`);
    return { bytes: Number(row?.bytes), rows: Number(row?.rows) };
  };
  const before = { events: await size("events"), deliveries: await size("deliveries") };
  const MESSAGES = 400;
  const [{ posted } = { posted: { conversationId: "" } }] = await sql`
    select heddle_api.store_post(${agent?.id}, 'u1', null, gen_random_uuid(), 'Hello') as posted`;
  await sql`select heddle_api.store_post(${agent?.id}, 'u1', ${posted.conversationId}, gen_random_uuid(), repeat('A fern? ', 20))
    from generate_series(1, ${MESSAGES})`;
  await sql`select heddle_api.deliveries_due()`;
  const perRow = async (table: "events" | "deliveries") => {
    const after = await size(table);
    return {
      bytes: (after.bytes - before[table].bytes) / (after.rows - before[table].rows),
      perMessage: (after.rows - before[table].rows) / MESSAGES,
    };
  };
  for (
    const [table, bytes] of [["events", DELIVERIES.eventBytes], [
      "deliveries",
      DELIVERIES.deliveryBytes,
    ]] as const
  ) {
    const measured = await perRow(table);
    expect(Math.round(measured.perMessage), table).toBe(DELIVERIES.eventsPerMessage);
    expect(measured.bytes, table).toBeLessThan(bytes);
    expect(measured.bytes, table).toBeGreaterThan(bytes / 3);
  }
});

it("docs/costs.md shows what the calculator prints", async () => {
  const commands = snippets("docs/costs.md", "sh");
  const shown = snippets("docs/costs.md", "text");
  expect(commands.length).toBe(shown.length);
  for (const [index, command] of commands.entries()) {
    const { code, stdout } = await heddle(command.replace("npm run heddle -- ", "").split(" "));
    expect({ code, stdout: stdout.trimEnd() }).toEqual({ code: 0, stdout: shown[index] });
  }
});
