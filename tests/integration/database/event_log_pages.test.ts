import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../support/database.ts";

const LOUD = "11111111-1111-4111-8111-111111111111";
const QUIET = "22222222-2222-4222-8222-222222222222";
const WRITTEN = 40_000;
/** What a page takes of the log whose events are all older than its cursor, and the indexes of its days. */
const FEW = 60;

let database: TestDatabase;
let sql: Sql;
let oldest: string;
beforeAll(async () => {
  database = await createDatabase();
  sql = postgres(database.adminUrl, { max: 1, onnotice: () => undefined, fetch_types: false });
  const [row] = await sql`select heddle.event_cursor('3:3:') as oldest`;
  oldest = row?.oldest;
  // In transactions of their own, as they would be.
  for (let part = 0; part < 40; part++) {
    await sql`
      insert into heddle.events (org_id, source, resource, event, resource_id, type)
      select ${LOUD}, 'shop', 'order', 'changed', n::text, 'order.changed'
      from generate_series(1, ${WRITTEN / 40}::integer) n`;
  }
  await sql`analyze heddle.events`;
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** Pages of shared memory that one warm page of the log touches. */
async function pagesOf(org: string, topics: object[] | null): Promise<number> {
  const page = `heddle.events_page('${oldest}', '{${org}}', '{}', ${
    topics ? `'${JSON.stringify(topics)}'` : "null"
  }, 10)`;
  await sql.unsafe(`select ${page}`);
  const [row] = await sql.unsafe(`explain (analyze, buffers, format json) select ${page}`);
  const plan = (row?.["QUERY PLAN"] as { Plan: Record<string, number> }[])[0]?.Plan ?? {};
  return (plan["Shared Hit Blocks"] ?? 0) + (plan["Shared Read Blocks"] ?? 0);
}

it("an organisation of which nothing was logged pays nothing for what others wrote since its cursor", async () => {
  expect(await pagesOf(QUIET, null)).toBeLessThan(FEW);
});

it("who wants to hear of a few things pays for these, however much was logged of others", async () => {
  const topics = Array.from(
    { length: 50 },
    (_, n) => ({ orgId: LOUD, source: "shop", resourceId: `none-${n}` }),
  );
  expect(await pagesOf(LOUD, topics)).toBeLessThan(10 * FEW);
  expect(await pagesOf(LOUD, topics.slice(0, 1))).toBeLessThan(FEW);
});
