import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { AGENT, tabContext } from "./tab_call.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.sql`truncate heddle.rate_buckets, heddle.erased_visitors`);

const newId = () => `anon_${randomBytes(16).toString("hex")}`;

async function widgetContext(visitorId: string | null, agentId = AGENT) {
  const [row] = await database.sql`select heddle_api.widget_context(${agentId}, ${visitorId}) as context`;
  return row?.context;
}

async function erase(visitorId: string | null, agentId = AGENT) {
  const [row] = await database
    .sql`select heddle_api.erase_anonymous_visitor(${agentId}, ${visitorId}) as answer`;
  return row?.answer;
}

async function otherAgent(): Promise<string> {
  const { sql } = database;
  const [agent] =
    await sql`insert into heddle.agents (org_id, name) values (gen_random_uuid(), 'Other') returning id`;
  await sql`
    insert into heddle.agent_secrets (agent_id, signing_current, webhook_current)
    values (${agent?.id}, ${"s".repeat(32)}, ${`whsec_${"A".repeat(44)}`})`;
  return agent?.id;
}

describe("an agent's visitor_secret", () => {
  it("has 256 bits, is the agent's own, and comes with its context", async () => {
    const { visitorSecret } = await widgetContext(null);
    expect(visitorSecret).toMatch(/^[0-9a-f]{64}$/);
    const other = await widgetContext(null, await otherAgent());
    expect(other.visitorSecret).toMatch(/^[0-9a-f]{64}$/);
    expect(other.visitorSecret).not.toBe(visitorSecret);
  });

  it("outlives a rotation of the other secrets, so that nobody loses their threads to it", async () => {
    const { visitorSecret } = await widgetContext(null);
    await database.sql`select heddle_api.rotate_signing_secret(${AGENT}, '0')`;
    await database.sql`select heddle_api.rotate_webhook_secret(${AGENT}, '0')`;
    expect((await widgetContext(null)).visitorSecret).toBe(visitorSecret);
    await database.sql`update heddle.agents set session_version = 1`;
  });
});

describe("an anonymous visitor", () => {
  it("leaves no row behind by being looked up, nor by reading and writing, but for buckets", async () => {
    const id = newId();
    await widgetContext(id);
    for (const action of ["get_items", "item_clicked", "create_item", "update_item"]) {
      expect((await tabContext(database.sql, { endUserId: id, action })).outcome).toBe("ok");
    }
    const tables = await database.sql<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname = 'heddle' and tablename <> 'rate_buckets'`;
    for (const { name } of tables) {
      const rows = await database.sql.unsafe(`select t::text as text from ${name} t`);
      expect(JSON.stringify(rows), name).not.toContain(id);
    }
  });

  it("who was erased is known as such, at that agent only", async () => {
    const [id, other] = [newId(), newId()];
    await erase(id);
    expect((await widgetContext(id)).visitorErased).toBe(true);
    expect((await widgetContext(other)).visitorErased).toBe(false);
    expect((await widgetContext(null)).visitorErased).toBe(false);
    expect((await widgetContext(id, await otherAgent())).visitorErased).toBe(false);
  });

  it("who was erased has no session any more, and nobody else is touched", async () => {
    const [id, other] = [newId(), newId()];
    expect((await tabContext(database.sql, { endUserId: id })).outcome).toBe("ok");
    await erase(id);
    expect(await tabContext(database.sql, { endUserId: id })).toEqual({ outcome: "session_revoked" });
    expect((await tabContext(database.sql, { endUserId: other })).outcome).toBe("ok");
  });

  it("who is erased leaves a hash and a time, and no bucket", async () => {
    const id = newId();
    await tabContext(database.sql, { endUserId: id, addressHash: "home" });
    expect(await erase(id)).toEqual({ id, erasedAt: expect.any(String) });
    const rows = await database.sql`select * from heddle.erased_visitors`;
    expect([...rows]).toEqual([{ agent_id: AGENT, id, erased_at: expect.any(Date) }]);
    const buckets = await database.sql`select subject from heddle.rate_buckets`;
    expect(buckets.map(({ subject }) => subject)).toEqual(["address"]);
  });

  it("may be erased twice, and before they have written anything", async () => {
    const id = newId();
    const first = await erase(id);
    expect(await erase(id)).toEqual(first);
  });

  it.each([[null], [""], ["shopper-7"], ["anon_1"], [`anon_${randomUUID()}`], [`${newId()}0`]])(
    "is not %j, whom this does not erase",
    async (id) => await expect(erase(id)).rejects.toMatchObject({ code: "22023" }),
  );

  it("of an agent that does not exist is not there", async () => {
    expect(await erase(newId(), randomUUID())).toBeNull();
  });

  it("goes with the agent", async () => {
    const agentId = await otherAgent();
    await erase(newId(), agentId);
    await database.sql`delete from heddle.agents where id = ${agentId}`;
    expect(await database.sql`select from heddle.erased_visitors`).toHaveLength(0);
  });
});
