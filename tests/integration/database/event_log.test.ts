import postgres, { type Sql, type TransactionSql } from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { DEMO_AGENT } from "../../../local/demo_agent.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import {
  addEvent,
  DEMO_ORG,
  type EventReader,
  hashOf,
  makeEventKey,
  openPositionReader,
  openReader,
  openXminReader,
} from "../../support/event_readers.ts";
import { eventStorm } from "../../support/event_storm.ts";

let database: TestDatabase;
let sql: Sql;
let others: Sql;
let key: string;
beforeAll(async () => {
  database = await createDatabase();
  sql = database.sql;
  others = postgres(database.adminUrl, { max: 8, onnotice: () => undefined });
  key = await makeEventKey(sql);
});
afterAll(async () => {
  await others.end();
  await database.drop();
});

/** Works in a transaction that stays open until the promise that it answers with is called, or the test is over. */
async function holding(work: (tx: TransactionSql) => Promise<unknown>): Promise<() => Promise<unknown>> {
  return await new Promise((resolve, reject) => {
    const done = others.begin(async (tx) => {
      await work(tx);
      await new Promise<void>((release) => {
        onTestFinished(() => release());
        resolve(() => {
          release();
          return done;
        });
      });
    });
    done.catch(reject);
  });
}

const page = async (cursor: string | null, limit = 500, topics: unknown = null, by = key) => {
  const [row] = await sql`
    select heddle_api.read_events(${hashOf(by)}, ${cursor}, ${sql.json(topics as never)}, ${limit}) as page`;
  return row?.page;
};
const namesOf = ({ events }: { events: { topic: string }[] }) =>
  events.map(({ topic }) => decodeURIComponent(topic.split(".").at(-1) ?? ""));
const codeOf = (work: Promise<unknown>) => work.then(() => "none", (error: { code?: string }) => error.code);

describe("a cursor into the log", () => {
  it("gets an event that was written first and committed last, where a position misses it", async () => {
    const { cursor } = await page(null);
    const byPosition = openPositionReader(sql);
    while ((await byPosition.next(100)).length > 0);
    const commit = await holding((tx) => addEvent(tx, "slow"));
    await addEvent(others, "fast");
    const first = await page(cursor);
    expect(namesOf(first)).toEqual(["fast"]);
    const seenByPosition = [...await byPosition.next(100)];
    await commit();
    const second = await page(first.cursor);
    expect(namesOf(second)).toEqual(["slow"]);
    expect(namesOf(await page(second.cursor))).toEqual([]);
    seenByPosition.push(...await byPosition.next(100));
    expect(seenByPosition.map(({ resourceId }) => resourceId)).toEqual(["fast"]);
  });

  it("gets nothing twice while a transaction stays open, where the oldest open one as a cursor does", async () => {
    const reader = await openReader(sql, key);
    const byXmin = await openXminReader(sql);
    const commit = await holding((tx) => addEvent(tx, "open"));
    await addEvent(others, "after");
    const named = async (from: EventReader) => (await from.next(100)).map(({ resourceId }) => resourceId);
    expect([await named(reader), await named(reader)]).toEqual([["after"], []]);
    expect([await named(byXmin), await named(byXmin)]).toEqual(
      Array(2).fill(expect.arrayContaining(["after"])),
    );
    await commit();
  });

  it("gets what savepoints kept, and nothing that was rolled back", async () => {
    const { cursor } = await page(null);
    const commit = await holding(async (tx) => {
      await tx.savepoint((inner) => addEvent(inner, "kept"));
      await tx.savepoint(async (inner) => {
        await addEvent(inner, "undone");
        throw new Error("back");
      }).catch(() => undefined);
    });
    await others.begin(async (tx) => {
      await addEvent(tx, "never");
      throw new Error("back");
    }).catch(() => undefined);
    const first = await page(cursor);
    expect(namesOf(first)).toEqual([]);
    await commit();
    expect(namesOf(await page(first.cursor))).toEqual(["kept"]);
  });

  it("goes through many by pages, in their order, whatever is written meanwhile", async () => {
    let { cursor } = await page(null);
    for (let n = 0; n < 7; n++) await addEvent(others, `p${n}`);
    const pages: string[][] = [];
    for (let n = 0; n < 5; n++) {
      const next = await page(cursor, 3);
      pages.push(namesOf(next));
      cursor = next.cursor;
      if (n === 0) await addEvent(others, "meanwhile");
    }
    expect(pages).toEqual([["p0", "p1", "p2"], ["p3", "p4", "p5"], ["p6"], ["meanwhile"], []]);
  });

  it("gets what is new behind a full page, and an empty one only where nothing is", async () => {
    const { cursor } = await page(null);
    for (const id of ["f0", "f1"]) await addEvent(others, id);
    const full = await page(cursor, 2);
    expect(namesOf(full)).toEqual(["f0", "f1"]);
    await addEvent(others, "f2");
    const next = await page(full.cursor, 2);
    expect(namesOf(next)).toEqual(["f2"]);
    expect(namesOf(await page(next.cursor, 2))).toEqual([]);
  });

  it("gets no more than about a megabyte at once, and at least one event", async () => {
    let { cursor } = await page(null);
    const [row] = await sql`select repeat('x', 700000) as text`;
    for (const id of ["big 1", "big 2"]) {
      await sql`select heddle.log_event(${DEMO_ORG}, null, ${["t", "t", "t", id]}, 't.t', null, ${
        sql.json({ text: row?.text })
      })`;
    }
    const sizes: number[] = [];
    for (let n = 0; n < 3; n++) {
      const next = await page(cursor);
      sizes.push(next.events.length);
      cursor = next.cursor;
    }
    expect(sizes).toEqual([1, 1, 0]);
  });

  it("is short, also where so many transactions are open that it goes back to the oldest and repeats events", async () => {
    const cursorAt = async (snapshot: string) =>
      (await sql`select heddle.event_cursor(${snapshot}::text::pg_snapshot) as cursor`)[0]?.cursor as string;
    const [row] = await sql`select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`;
    const xmin = Number(row?.xmin);
    const open = (count: number) =>
      `${xmin}:${xmin + 200}:${Array.from({ length: count }, (_, n) => xmin + n).join(",")}`;
    expect(await cursorAt(open(64))).not.toBe(await cursorAt(`${xmin}:${xmin}:`));
    const cursor = await cursorAt(open(65));
    expect(cursor).toBe(await cursorAt(`${xmin}:${xmin}:`));
    expect(cursor).toMatch(/^[A-Za-z0-9_-]{20,160}$/);
    await addEvent(others, "repeated");
    const topics = [{ resourceId: "repeated" }];
    expect(namesOf(await page(cursor, 10, topics))).toEqual(["repeated"]);
    expect(namesOf(await page(cursor, 10, topics))).toEqual(["repeated"]);
  });
});

it("sixteen writers lose, double and reorder nothing for three readers, and something for readers of the wrong kinds", async () => {
  const { events, right, position, xmin } = await eventStorm(database.adminUrl, { events: 400, seed: 1 });
  expect(events).toBeGreaterThan(300);
  expect(right).toEqual(Array(3).fill({ missing: 0, twice: 0, orderBreaks: 0 }));
  expect(position?.missing).toBeGreaterThan(0);
  expect(xmin?.twice).toBeGreaterThan(0);
});

describe("a cursor that can't be gone on from", () => {
  afterEach(async () => {
    await sql`update heddle.event_log set dropped_xid = '0', keep_days = 7`;
  });

  it.each(["", "x", "%", "a".repeat(5000), btoa("x~1:1:~2:2:"), btoa("x")])(
    "is refused if it is none: %s",
    async (cursor) => {
      expect(await codeOf(page(cursor))).toBe("PT400");
    },
  );

  it("has expired if it is of another log, or of this one after it was restored", async () => {
    const { cursor } = await page(null);
    const [log] = await sql`select id from heddle.event_log`;
    await sql`update heddle.event_log set id = gen_random_uuid()`;
    expect(await codeOf(page(cursor))).toBe("PT410");
    await sql`update heddle.event_log set id = ${log?.id}`;
    expect(await codeOf(page(cursor))).toBe("none");
  });

  it("has expired once events after it were dropped", async () => {
    const { cursor } = await page(null);
    await sql`select heddle.make_event_day(current_date - 30)`;
    await sql`
      insert into heddle.events (day, org_id, source, resource, event, resource_id, type)
      values (current_date - 30, ${DEMO_ORG}, 's', 'r', 'e', 'old', 'r.e')`;
    await sql`select heddle_api.tend_store()`;
    expect(await codeOf(page(cursor))).toBe("PT410");
    // Once no transaction is open any more that is older than the event.
    await expect.poll(async () => codeOf(page((await page(null)).cursor))).toBe("none");
  });

  it("has expired if more than ten thousand events came after it", async () => {
    const { cursor } = await page(null);
    await sql`
      insert into heddle.events (org_id, source, resource, event, resource_id, type)
      select ${DEMO_ORG}, 's', 'r', 'e', n::text, 'r.e' from generate_series(1, 10000) n`;
    const first = await page(cursor, 2);
    expect(namesOf(first)).toEqual(["1", "2"]);
    expect(namesOf(await page(first.cursor, 2))).toEqual(["3", "4"]);
    await addEvent(sql, "one more");
    expect(await codeOf(page(cursor, 2))).toBe("PT410");
    expect(namesOf(await page(cursor, 2, [{ resourceId: "one more" }]))).toEqual(["one more"]);
  });

  it("is found out without reading all that came after it, one that was made up between two pages as well", async () => {
    const { cursor } = await page(null);
    await sql`
      insert into heddle.events (org_id, source, resource, event, resource_id, type, data)
      select ${DEMO_ORG}, 's', 'r', 'e', n::text, 'r.e', jsonb_build_object('text', repeat('x', 200))
      from generate_series(1, 60000) n`;
    const [epoch, from] = Buffer.from(cursor, "base64url").toString().split("~");
    const [now] = await sql`select pg_current_snapshot()::text as snapshot`;
    const madeUp = Buffer.from([epoch, from, now?.snapshot, 10 ** 12].join("~")).toString("base64url");
    const connection = await sql.reserve();
    onTestFinished(() => connection.release());
    const touched = async () => {
      await connection`select pg_stat_force_next_flush()`;
      const [row] = await connection`
        select sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::int as pages
        from pg_statio_all_tables where relid in (select inhrelid from pg_inherits where inhparent = 'heddle.events'::regclass)`;
      return row?.pages;
    };
    for (const since of [cursor, madeUp]) {
      const before = await touched();
      const reading = connection`
        select heddle_api.read_events(${hashOf(key)}, ${since})`;
      expect(await codeOf(reading)).toBe("PT410");
      const pages = await touched() - before;
      expect(pages).toBeGreaterThan(0);
      expect(pages).toBeLessThan(1500);
    }
  });
});

describe("days", () => {
  const days = async () =>
    (await sql`
      select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'heddle.events'::regclass order by 1`).map(({ name }) => name);

  it("are made ahead, and the one that is missing by whoever writes", async () => {
    const made = await days();
    // One more if it was midnight since.
    expect(made.length).toBeGreaterThanOrEqual(4);
    for (const day of made) await sql.unsafe(`drop table heddle.${day}`);
    await Promise.all([addEvent(sql, "first"), addEvent(others, "at the same time")]);
    const today = await days();
    expect(today).toHaveLength(1);
    await sql`select heddle_api.tend_store()`;
    const ahead = await days();
    expect([ahead.slice(0, 1), ahead.length]).toEqual([today, 4]);
  });

  it("are kept for as long as the log says, and dropped at another time while somebody writes", async () => {
    const day = async (ago: number) => {
      await sql`select heddle.make_event_day((now() at time zone 'utc')::date - ${ago}::integer)`;
      return (await days())[0];
    };
    const kept = await day(7);
    const old = await day(8);
    const commit = await holding((tx) => addEvent(tx, "still open"));
    await sql`select heddle_api.tend_store()`;
    expect(await days()).toContain(old);
    await commit();
    await sql`select heddle_api.tend_store()`;
    expect(await days()).not.toContain(old);
    expect(await days()).toContain(kept);
    await sql`update heddle.event_log set keep_days = 6`;
    await sql`select heddle_api.tend_store()`;
    expect(await days()).not.toContain(kept);
  });
});

describe("who may read", () => {
  it("is a key of the organisation for all, and one of an agent for that agent's", async () => {
    const own = await makeEventKey(sql, { agentId: DEMO_AGENT.id });
    const [, cursor] = [0, (await page(null)).cursor];
    await addEvent(sql, "the organisation's");
    await sql`select heddle.log_event(${DEMO_ORG}, ${DEMO_AGENT.id}, ${[
      "t",
      "t",
      "t",
      "the agent's",
    ]}, 't.t', null, '{}')`;
    await sql`select heddle.log_event(gen_random_uuid(), gen_random_uuid(), ${[
      "t",
      "t",
      "t",
      "foreign",
    ]}, 't.t', null, '{}')`;
    expect(namesOf(await page(cursor))).toEqual(["the organisation's", "the agent's"]);
    expect(namesOf(await page(cursor, 10, null, own))).toEqual(["the agent's"]);
  });

  it("is nobody whose key lacks the scope, and topics of others are refused", async () => {
    const writer = await makeEventKey(sql, { scopes: ["events:write"] });
    expect(await codeOf(page(null, 10, null, writer))).toBe("PT403");
    expect(await codeOf(page(null, 10, null, DEMO_AGENT.apiKey))).toBe("PT403");
    expect(await codeOf(page(null, 10, [{ orgId: crypto.randomUUID() }]))).toBe("PT403");
    expect(await codeOf(page(null, 10, [{ orgId: DEMO_ORG }]))).toBe("none");
    expect(await page(null, 10, null, "hdl_unknown")).toEqual({ outcome: "key_not_found" });
  });

  it.each([[{}], ["x"], [[1]], [[{ orgId: "x" }]], [Array(101).fill({})]])(
    "topics are topics: %j",
    async (topics) => {
      expect(await codeOf(page(null, 10, topics))).toBe("PT400");
    },
  );
});

describe("agents' events are logged", () => {
  const logs = async (id: string = DEMO_AGENT.id) =>
    (await sql`select logs_events from heddle.agents where id = ${id}`)[0]?.logs_events;
  const revokeAll = () =>
    sql`update heddle.api_keys set revoked_at = now() where scopes && array['events:read', 'events:write']`;

  it("while a key for events reaches them, their organisation's or their own", async () => {
    await revokeAll();
    expect(await logs()).toBe(false);
    await makeEventKey(sql, { scopes: ["events:read"] });
    expect(await logs()).toBe(true);
    const [made] =
      await sql`insert into heddle.agents (org_id, name) values (${DEMO_ORG}, 'Second') returning id`;
    expect(await logs(made?.id)).toBe(true);
    await revokeAll();
    expect([await logs(), await logs(made?.id)]).toEqual([false, false]);
    await makeEventKey(sql, { agentId: made?.id });
    expect([await logs(), await logs(made?.id)]).toEqual([false, true]);
    await sql`delete from heddle.api_keys where agent_id = ${made?.id}`;
    expect(await logs(made?.id)).toBe(false);
  });
});
