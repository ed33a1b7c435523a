import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { AGENT } from "./tab_call.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.sql`truncate heddle.rate_buckets, heddle.visitors`;
  await database.sql`update heddle.agents set anonymous_allowed = true where id = ${AGENT}`;
});

const hash = (text: string = randomUUID()) => createHash("sha256").update(text).digest("hex");

async function create(addressHash: string | null = null, tokenHash = hash()) {
  const [row] = await database.sql`
    select heddle_api.create_visitor(${AGENT}, ${tokenHash}, ${addressHash}) as answer`;
  return row?.answer;
}

async function visitorOf(tokenHash: string): Promise<string | null> {
  const [row] = await database.sql`select heddle_api.anonymous_context(${AGENT}, ${tokenHash}) as context`;
  return row?.context.visitorId;
}

describe("anonymous visitors", () => {
  it("are known by the hash of their token, and the agent's context comes with them", async () => {
    const tokenHash = hash();
    const { visitorId } = await create(null, tokenHash);
    expect(visitorId).toMatch(/^anon_/);
    const [row] = await database.sql`select heddle_api.anonymous_context(${AGENT}, ${tokenHash}) as context`;
    expect(row?.context).toMatchObject({ visitorId, agent: { id: AGENT, anonymousAllowed: true } });
    expect(await visitorOf(hash())).toBeNull();
  });

  it("are asked of no agent that does not exist", async () => {
    const [row] = await database.sql`
      select heddle_api.anonymous_context(gen_random_uuid(), ${hash()}) as context`;
    expect(row?.context).toBeNull();
  });

  it("are not made where the agent allows none", async () => {
    await database.sql`update heddle.agents set anonymous_allowed = false where id = ${AGENT}`;
    expect(await create()).toEqual({ outcome: "anonymous_not_allowed" });
  });

  it("are written at most once a day when they come back", async () => {
    const tokenHash = hash();
    await create(null, tokenHash);
    const version = async () => {
      const [row] = await database
        .sql`select xmin::text from heddle.visitors where token_hash = ${tokenHash}`;
      return row?.xmin;
    };
    const first = await version();
    await visitorOf(tokenHash);
    expect(await version()).toBe(first);
    await database.sql`update heddle.visitors set expires_at = now() + interval '178 days'`;
    const aged = await version();
    await visitorOf(tokenHash);
    expect(await version()).not.toBe(aged);
  });

  it("who have expired go when others come, a hundred at a time", async () => {
    await database.sql`
      insert into heddle.visitors (agent_id, token_hash, expires_at)
      select ${AGENT}, encode(sha256(convert_to(n::text, 'UTF8')), 'hex'), now() - interval '1 hour'
      from generate_series(1, 150) as n`;
    await create();
    await create();
    const [row] = await database.sql`select count(*)::int from heddle.visitors`;
    expect(row?.count).toBe(2);
  });

  it("go with their agent", async () => {
    const { sql } = database;
    const [agent] = await sql`
      insert into heddle.agents (org_id, name, anonymous_allowed) values (gen_random_uuid(), 'Other', true) returning id`;
    await sql`select heddle_api.create_visitor(${agent?.id}, ${hash()}, null)`;
    await sql`delete from heddle.agents where id = ${agent?.id}`;
    expect(await sql`select from heddle.visitors`).toHaveLength(0);
  });
});

describe("a flood of new visitors", () => {
  /** How many come in before one is refused. */
  async function burst(address: () => string | null): Promise<{ made: number; seconds: number }> {
    const from = performance.now();
    for (let made = 0;; made++) {
      const { outcome } = await create(address());
      if (outcome === "rate_limited") return { made, seconds: (performance.now() - from) / 1000 };
    }
  }

  it("from one address ends after 20, and others come in", async () => {
    const { made, seconds } = await burst(() => "flooder");
    expect(made).toBeGreaterThanOrEqual(20);
    expect(made).toBeLessThanOrEqual(20 + seconds / 6 + 1);
    expect((await create("somebody else")).outcome).toBe("ok");
  });

  it("from addresses that are not known ends after 240", async () => {
    const { made, seconds } = await burst(() => null);
    expect(made).toBeGreaterThanOrEqual(240);
    expect(made).toBeLessThanOrEqual(240 + seconds * 2 + 1);
  });

  it("from ever new addresses ends after 240 as well", async () => {
    const { made, seconds } = await burst(() => randomUUID());
    expect(made).toBeLessThanOrEqual(240 + seconds * 2 + 1);
  });

  it("leaves the tab calls of that address alone", async () => {
    await burst(() => "flooder");
    const [row] = await database
      .sql`select heddle.take_token(${AGENT}, 'address', 'read', 'flooder') as wait`;
    expect(row?.wait).toBe(0);
  });
});
