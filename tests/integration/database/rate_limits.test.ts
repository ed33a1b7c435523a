import { createHash, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { AGENT, type TabCall, tabContext } from "./tab_call.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
beforeEach(async () => {
  await database.sql`truncate heddle.rate_buckets`;
});
afterAll(() => database.drop());

const call = (options: TabCall = {}) => tabContext(database.sql, options);

/** Calls of one kind until one is refused: how many went through, how long that took, and when the next may come. */
async function burst(options: TabCall) {
  const from = performance.now();
  for (let granted = 0;; granted++) {
    const { outcome, retryAfter } = await call(options);
    if (outcome !== "rate_limited") continue;
    return { granted, seconds: (performance.now() - from) / 1000, retryAfter };
  }
}

/** Lets time pass for every bucket. */
async function wait(duration: string): Promise<void> {
  await database.sql`update heddle.rate_buckets set full_at = full_at - ${duration}::interval`;
}

describe("a visitor", () => {
  it.each([
    ["read", "get_items", 120, 1],
    ["send receipts", "receipt", 120, 1],
    ["write", "create_item", 40, 3],
    ["show that they write", "typing", 2, 3],
  ])("may %s at once as often as a bucket holds tokens", async (_, action, most, secondsPerToken) => {
    const { granted, seconds } = await burst({ action });
    expect(granted).toBeGreaterThanOrEqual(most);
    // Tokens come back while the burst runs.
    expect(granted).toBeLessThanOrEqual(most + seconds / secondsPerToken + 1);
  });

  it("who is refused learns how many seconds to wait, and may go on then", async () => {
    const { retryAfter } = await burst({ action: "create_item" });
    expect([1, 2, 3]).toContain(retryAfter);
    await wait(`${retryAfter} seconds`);
    expect((await call({ action: "create_item" })).outcome).toBe("ok");
  });

  it("gets no more than a full bucket, however long it rested", async () => {
    await call({ action: "create_item" });
    await wait("1 day");
    const { granted, seconds } = await burst({ action: "create_item" });
    expect(granted).toBeLessThanOrEqual(40 + seconds / 3 + 1);
  });

  it("reads although it has written too much", async () => {
    await burst({ action: "create_item" });
    expect((await call({ action: "item_clicked" })).outcome).toBe("ok");
  });

  it("does not slow another visitor down", async () => {
    await burst({ action: "create_item", endUserId: "busy" });
    expect((await call({ action: "create_item", endUserId: "calm" })).outcome).toBe("ok");
  });

  it.each<[string, TabCall]>([
    ["a tab that does not exist", { tabId: AGENT }],
    ["an agent that does not exist", { agentId: "00000000-0000-4000-8000-000000000000" }],
  ])("who asks for %s is charged all the same, and refused before it is looked up", async (_, options) => {
    expect((await call(options)).outcome).toMatch(/_not_found/);
    await database.sql`update heddle.rate_buckets set full_at = clock_timestamp() + interval '3 minutes'`;
    expect(await call(options)).toEqual({ outcome: "rate_limited", retryAfter: expect.any(Number) });
  });
});

describe("an address", () => {
  const fullAt = async () => {
    const [row] = await database.sql`select full_at from heddle.rate_buckets where subject = 'address'`;
    return row?.full_at;
  };

  it("is charged for what its visitors do, and refuses when ten visitors' worth is used up", async () => {
    await call({ addressHash: "office" });
    await database.sql`
      update heddle.rate_buckets set full_at = clock_timestamp() + interval '3 minutes' where subject = 'address'`;
    const refused = await call({ addressHash: "office", endUserId: "somebody else" });
    expect(refused.outcome).toBe("rate_limited");
    expect(refused.retryAfter).toBeGreaterThan(30);
    expect((await call({ addressHash: "home" })).outcome).toBe("ok");
  });

  it("alone is charged for a session that has ended, so that its visitor is not locked out", async () => {
    for (let count = 0; count < 130; count++) {
      expect(await call({ sessionVersion: 7, addressHash: "elsewhere" })).toEqual({
        outcome: "session_revoked",
      });
    }
    expect((await call({ addressHash: "home" })).outcome).toBe("ok");

    await database.sql`
      update heddle.rate_buckets set full_at = clock_timestamp() + interval '3 minutes' where key = 'elsewhere'`;
    expect(await call({ sessionVersion: 7, addressHash: "elsewhere" }))
      .toEqual({ outcome: "rate_limited", retryAfter: expect.any(Number) });
  });

  it("alone is charged for an anonymous visitor who was erased", async () => {
    const endUserId = `anon_${"0".repeat(32)}`;
    await database.sql`select heddle_api.erase_anonymous_visitor(${AGENT}, ${endUserId})`;
    expect(await call({ endUserId, addressHash: "home" })).toEqual({ outcome: "session_revoked" });
    const buckets = await database.sql`select subject, key from heddle.rate_buckets`;
    expect([...buckets]).toEqual([{ subject: "address", key: "home" }]);
  });

  it("that is not known leaves a session that has ended uncharged", async () => {
    expect(await call({ sessionVersion: 7 })).toEqual({ outcome: "session_revoked" });
    expect(await database.sql`select from heddle.rate_buckets`).toHaveLength(0);
  });

  it("is not charged for a visitor who was refused", async () => {
    await call({ action: "create_item", addressHash: "office" });
    await database.sql`
      update heddle.rate_buckets set full_at = clock_timestamp() + interval '3 minutes' where subject = 'visitor'`;
    const before = await fullAt();
    expect((await call({ action: "create_item", addressHash: "office" })).outcome).toBe("rate_limited");
    expect(await fullAt()).toEqual(before);
  });

  it("gets ten times the tokens of a visitor", async () => {
    await call({ action: "create_item", addressHash: "office" });
    const [step] = await database.sql`
      select extract(epoch from visitor.full_at - address.full_at)::float as lead
      from heddle.rate_buckets visitor, heddle.rate_buckets address
      where visitor.subject = 'visitor' and address.subject = 'address'`;
    // A visitor's write takes 3 s to come back, an address's 0.3 s.
    expect(step?.lead).toBeGreaterThan(2);
    expect(step?.lead).toBeLessThan(3);
  });
});

describe("a validation", () => {
  const validate = async (addressHash: string | null, agentId = AGENT) => {
    const [row] = await database.sql`
      select heddle_api.widget_context(${agentId}, ${null}, ${addressHash}) as context`;
    return row?.context;
  };
  const buckets = () => database.sql`select agent_id, subject, mode, key from heddle.rate_buckets`;

  it("is charged to its address alone, whichever agent it names", async () => {
    expect((await validate("home")).outcome).toBe("ok");
    for (let count = 0; count < 3; count++) {
      expect((await validate("home", randomUUID())).outcome).toBe("agent_not_found");
    }
    expect([...await buckets()]).toEqual([
      { agent_id: "00000000-0000-0000-0000-000000000000", subject: "address", mode: "validate", key: "home" },
    ]);
  });

  it("is not charged where the address is not known", async () => {
    expect((await validate(null)).outcome).toBe("ok");
    expect(await buckets()).toHaveLength(0);
  });

  it("is refused before anything is looked up when the address has used its bucket up, and others are not", async () => {
    await validate("home");
    await database.sql`update heddle.rate_buckets set full_at = clock_timestamp() + interval '3 minutes'`;
    for (const agentId of [AGENT, randomUUID()]) {
      expect(await validate("home", agentId)).toEqual({
        outcome: "rate_limited",
        retryAfter: expect.any(Number),
      });
    }
    expect((await validate("office")).outcome).toBe("ok");
  });

  it("takes a tenth of a second to come back, as an address's read", async () => {
    await validate("home");
    await call({ addressHash: "home" });
    const [row] = await database.sql`
      select extract(epoch from
        (select full_at from heddle.rate_buckets where subject = 'visitor')
        - (select full_at from heddle.rate_buckets where mode = 'validate'))::float as lead`;
    // A visitor's read takes 1 s to come back, and came later.
    expect(row?.lead).toBeGreaterThan(0.85);
  });

  it("leaves the tab calls of that address alone, and they leave it alone", async () => {
    await validate("home");
    await database.sql`update heddle.rate_buckets set full_at = clock_timestamp() + interval '3 minutes'`;
    expect((await call({ addressHash: "home" })).outcome).toBe("ok");
    await database.sql`
      update heddle.rate_buckets set full_at = case mode
        when 'validate' then now() else clock_timestamp() + interval '3 minutes' end`;
    expect((await validate("home")).outcome).toBe("ok");
  });
});

describe("an API key", () => {
  const KEY_HASH = createHash("sha256").update("hdl_local_demo_key_for_the_fern_and_fable_shop").digest(
    "hex",
  );
  const publish = async (keyHash: string, addressHash: string | null) => {
    const [row] = await database
      .sql`select heddle_api.publish_context(${keyHash}, ${addressHash}) as context`;
    return row?.context;
  };
  const invented = () => createHash("sha256").update(randomUUID()).digest("hex");

  it("that is unknown is charged to its address: one a second, and two minutes' worth at once", async () => {
    const from = performance.now();
    let guesses = 0;
    let answer = await publish(invented(), "home");
    for (; answer.outcome === "key_not_found"; guesses++) answer = await publish(invented(), "home");
    expect(guesses).toBeGreaterThanOrEqual(120);
    expect(guesses).toBeLessThanOrEqual(120 + (performance.now() - from) / 1000 + 1);
    expect(answer).toEqual({ outcome: "rate_limited", retryAfter: 1 });
    expect((await publish(invented(), "office")).outcome).toBe("key_not_found");
  });

  it("that is known is never charged, and works although others at its address have guessed", async () => {
    expect((await publish(KEY_HASH, "home")).outcome).toBe("ok");
    expect(await database.sql`select from heddle.rate_buckets`).toHaveLength(0);
    await publish(invented(), "home");
    await database.sql`update heddle.rate_buckets set full_at = clock_timestamp() + interval '3 minutes'`;
    expect((await publish(invented(), "home")).outcome).toBe("rate_limited");
    expect((await publish(KEY_HASH, "home")).outcome).toBe("ok");
  });

  it("that is unknown is not charged where the address is not known, and never to validations", async () => {
    await publish(invented(), null);
    expect(await database.sql`select from heddle.rate_buckets`).toHaveLength(0);
    await publish(invented(), "home");
    const buckets = await database.sql`select mode from heddle.rate_buckets`;
    expect([...buckets]).toEqual([{ mode: "key" }]);
  });
});

it("parallel calls take one token each", async () => {
  await Promise.all(Array.from({ length: 30 }, () => call({ action: "create_item" })));
  const [bucket] = await database.sql`
    select extract(epoch from full_at - clock_timestamp())::float as seconds from heddle.rate_buckets`;
  expect(bucket?.seconds).toBeGreaterThan(30 * 3 - 10);
  expect(bucket?.seconds).toBeLessThanOrEqual(30 * 3);
});

it("deleting full buckets never blocks a call", async () => {
  const { sql } = database;
  const [forgetful] = await sql`
    select seed from (select seed, setseed(seed), random() as chance from generate_series(0, 1, 0.0001) seed) tried
    where chance < 0.001 limit 1`;
  await call({ addressHash: "office", endUserId: "somebody else" });
  await wait("1 hour");
  const other = sql.begin(async (tx) => {
    const [self] = await tx`select pg_backend_pid() as pid`;
    await tx`select heddle.take_token(${AGENT}, 'visitor', 'read', 'u1')`;
    const forgetting = sql.begin(async (forgetter) => {
      await forgetter`select setseed(${forgetful?.seed})`;
      return await tabContext(forgetter, { addressHash: "office" });
    });
    const blocked = () =>
      sql`select from pg_stat_activity where ${self?.pid}::int = any (pg_blocking_pids(pid))`;
    await expect.poll(blocked).toHaveLength(1);
    await tx`select heddle.take_token(${AGENT}, 'address', 'read', 'office')`;
    return { forgetting };
  });
  expect((await (await other).forgetting).outcome).toBe("ok");
  expect(await sql`select from heddle.rate_buckets where key = 'somebody else'`).toHaveLength(0);
});

it("full buckets are forgotten and others kept", async () => {
  await call({ endUserId: "gone" });
  await wait("1 hour");
  await call({ endUserId: "here" });
  await database.sql`select heddle.forget_full_buckets()`;
  const buckets = await database.sql`select key from heddle.rate_buckets`;
  expect(buckets.map(({ key }) => key)).toEqual(["here"]);
});
