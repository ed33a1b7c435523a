import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AGENT, type ConversationStore, createStore, type Json, ORG } from "./conversation_store.ts";

let store: ConversationStore;
let others: Sql;
beforeAll(async () => {
  store = await createStore();
  others = postgres(store.adminUrl, { max: 8, onnotice: () => undefined });
});
afterAll(async () => {
  await others?.end();
  await store?.drop();
});
beforeEach(async () => {
  await store.sql`delete from heddle.deliveries`;
});

const TARGET = "e0000000-0000-4000-8000-000000000001";

interface Queued {
  kind?: string;
  target?: string;
  n?: number;
  batch?: string | null;
  /** Seconds from now. */
  due?: number;
}
async function queue({ kind = "email", target = TARGET, n = 1, batch = null, due = 0 }: Queued = {}) {
  const [row] = await store.sql`
    select heddle.queue_delivery(
      ${ORG}, ${AGENT}, ${kind}, ${target}, ${store.sql.json({ n })}, p_batch_key => ${batch},
      p_due => now() + make_interval(secs => ${due})
    )::integer as id`;
  return row?.id as number;
}
async function take(limit = 10, sql = store.sql, kinds = ["email", "push", "webhook"]): Promise<Json[]> {
  const [row] = await sql`select heddle_api.take_deliveries(${kinds}, ${limit}) as taken`;
  return row?.taken;
}
async function end({ id, lease }: Json, outcome: string, retryAfter: number | null = null): Promise<Json> {
  const [row] = await store.sql`
    select heddle_api.end_delivery(${id}, ${lease}, ${outcome}, ${`was ${outcome}`}, ${retryAfter}) as answer`;
  return row?.answer;
}
/** The next try now, whenever it is due. */
const hurry = () => store.sql`update heddle.deliveries set due = now() where status = 'queued'`;
const kept = async (id: number) =>
  (await store.sql`
    select status, attempts, count, content, last_error, ended_at is not null as ended,
      extract(epoch from due - now())::integer as wait
    from heddle.deliveries where id = ${id}`)[0] ?? null;

describe("what is due", () => {
  it("is taken by one worker only, however many there are", async () => {
    const each = 40;
    for (let n = 0; n < 5; n++) {
      await store.sql`
        select heddle.queue_delivery(${ORG}, ${AGENT}, 'push', gen_random_uuid(), '{}') from generate_series(1, ${each})`;
    }
    const seen: number[] = [];
    await Promise.all(Array.from({ length: 8 }, async () => {
      while (true) {
        const taken = await take(7, others);
        if (taken.length === 0) return;
        for (const delivery of taken) {
          seen.push(delivery.id);
          expect(await end(delivery, "sent")).toMatchObject({ status: "sent" });
        }
      }
    }));
    expect(seen).toHaveLength(5 * each);
    expect(new Set(seen).size).toBe(5 * each);
  });

  it("is taken with what sending needs, and is of the kinds only that were asked for", async () => {
    const id = await queue({ n: 7 });
    await queue({ kind: "push", due: 60 });
    expect(await take(10, store.sql, ["push"])).toEqual([]);
    expect(await take()).toEqual([{
      id,
      lease: expect.any(String),
      kind: "email",
      target: TARGET,
      content: { n: 7 },
      count: 1,
      attempts: 1,
      createdAt: expect.any(String),
      orgId: ORG,
      agentId: AGENT,
      notificationId: null,
      eventId: null,
      receiver: null,
    }]);
    expect(await take()).toEqual([]);
  });

  it("of one target is taken ten at a time, so that others are not kept waiting", async () => {
    for (let n = 0; n < 15; n++) await queue({ n });
    const other = await queue({ target: ORG });
    const taken = await take(20);
    expect(taken).toHaveLength(11);
    expect(taken.map(({ id }) => id)).toContain(other);
  });
});

describe("push messages to the browsers of an agent's visitors", () => {
  /** That many, each to a browser of its own, due for an hour. */
  const queueForStrangers = (count: number, agent = AGENT, minutes = 60) =>
    store.sql`
      insert into heddle.deliveries (org_id, agent_id, kind, target, content, due)
      select ${ORG}, ${agent}, 'push', gen_random_uuid(), '{"audience": "visitor"}',
        now() - make_interval(mins => ${minutes})
      from generate_series(1, ${count})`;
  const anotherAgent = async () => {
    const [row] = await store.sql`
      select heddle_api.create_agent('Other shop', array['https://other.example']) ->> 'id' as id`;
    return row?.id as string;
  };

  it("are taken ten at a time: they are what strangers make slow", async () => {
    await queueForStrangers(30);
    expect(await take(20)).toHaveLength(10);
  });

  it("keep nothing else waiting, however many they are", async () => {
    await queueForStrangers(1500);
    const [mail, push] = [await queue(), await queue({ kind: "push", target: ORG })];
    const ids = (await take(20)).map(({ id }) => id);
    expect(ids).toHaveLength(12);
    expect(ids).toEqual(expect.arrayContaining([mail, push]));
  });

  it("keep those of another agent waiting no longer than their own part of a round", async () => {
    const agent = await anotherAgent();
    await queueForStrangers(1500);
    await queueForStrangers(1, agent, 1);
    const taken = await take(50);
    expect(taken).toHaveLength(11);
    expect(taken.map(({ agentId }) => agentId)).toContain(agent);
  });

  it("are found without reading all that wait", async () => {
    await queueForStrangers(20_000);
    await store.sql`vacuum analyze heddle.deliveries`;
    const pages = await store.sql.begin(async (tx) => {
      const taken: number[] = [];
      for (let n = 0; n < 4; n++) {
        const [plan] = await tx`
          explain (analyze, buffers, format json) select heddle_api.take_deliveries('{push}', 10)`;
        taken.push(plan?.["QUERY PLAN"][0].Plan["Shared Hit Blocks"]);
      }
      return taken;
    });
    // The first call reads the catalogue as well.
    expect(Math.min(...pages)).toBeLessThan(400);
  });
});

describe("what one webhook has to get", () => {
  it("keeps nothing else waiting, however much it is", async () => {
    await store.sql`
      insert into heddle.deliveries (org_id, agent_id, kind, target, content, due)
      select ${ORG}, ${AGENT}, 'webhook', ${TARGET}, '{}', now() - interval '1 hour' from generate_series(1, 1500)`;
    const others = [await queue({ target: ORG }), await queue({ kind: "webhook", target: ORG })];
    const ids = (await take(20)).map(({ id }) => id);
    expect(ids).toHaveLength(12);
    expect(ids).toEqual(expect.arrayContaining(others));
  });
});

describe("a worker that is gone", () => {
  it("loses what it had to another, and can't say any more how it went", async () => {
    const id = await queue();
    const [first] = await take();
    await store.sql`update heddle.deliveries set leased_until = now() - interval '1 second'`;
    const [second] = await take();
    expect(second).toMatchObject({ id, attempts: 2 });
    expect(second.lease).not.toBe(first.lease);
    expect(await end(first, "sent")).toBeNull();
    expect(await end(second, "sent")).toMatchObject({ status: "sent" });
    expect(await end(second, "failed")).toBeNull();
    expect(await kept(id)).toMatchObject({ status: "sent", ended: true });
  });

  it("has what it had given up in the end", async () => {
    const id = await queue();
    for (let n = 0; n < 12; n++) {
      expect(await take()).toHaveLength(1);
      await store.sql`update heddle.deliveries set leased_until = now() - interval '1 second'`;
    }
    expect(await take()).toEqual([]);
    expect(await kept(id)).toMatchObject({ status: "dead", attempts: 12, ended: true });
  });
});

describe("what failed", () => {
  it.each([["webhook", 15], ["email", 12], ["push", 12]])(
    "is tried again ever later: %s %i times",
    async (kind, tries) => {
      const id = await queue({ kind });
      let longest = 30;
      for (let n = 1; n < tries; n++) {
        const [delivery] = await take();
        expect(await end(delivery, "failed")).toMatchObject({ status: "queued" });
        const row = await kept(id);
        expect(row).toMatchObject({ attempts: n, last_error: "was failed" });
        expect(row?.wait).toBeGreaterThanOrEqual(Math.floor(longest / 2) - 1);
        expect(row?.wait).toBeLessThanOrEqual(longest);
        longest = Math.min(2 * longest, 6 * 3600);
        expect(await take()).toEqual([]);
        await hurry();
      }
      const [last] = await take();
      expect(await end(last, "failed")).toMatchObject({ status: "dead" });
      await hurry();
      expect(await take()).toEqual([]);
    },
  );

  it("is tried again when whoever refused it said, within a day", async () => {
    const id = await queue();
    await end((await take())[0], "failed", 7200);
    expect((await kept(id))?.wait).toBeCloseTo(7200, -1);
    await hurry();
    await end((await take())[0], "failed", 1e9);
    expect((await kept(id))?.wait).toBeCloseTo(86400, -1);
  });

  it("for good is not tried again, unless somebody wants it to be", async () => {
    const id = await queue();
    await end((await take())[0], "dead");
    expect(await kept(id)).toMatchObject({ status: "dead", last_error: "was dead", ended: true });
    expect(await take()).toEqual([]);
    const replay = () => store.sql`select heddle.replay_delivery(${id}) as again`;
    expect([...await replay()]).toEqual([{ again: true }]);
    expect([...await replay()]).toEqual([{ again: false }]);
    const [again] = await take();
    expect(again).toMatchObject({ id, attempts: 1 });
    expect(await end(again, "sent")).toMatchObject({ status: "sent" });
  });

  it("is none of the outcomes that nobody knows", async () => {
    await queue();
    const [delivery] = await take();
    await expect(end(delivery, "queued")).rejects.toMatchObject({ code: "PT400" });
  });
});

describe("what belongs together", () => {
  it("is sent as one when the first of it is due, with what came last", async () => {
    const id = await queue({ batch: "c1", n: 1, due: 30 });
    expect(await queue({ batch: "c1", n: 2, due: 90 })).toBe(id);
    expect(await queue({ batch: "c2", n: 3, due: 30 })).not.toBe(id);
    expect(await queue({ batch: "c1", n: 4, due: 30, target: ORG })).not.toBe(id);
    expect(await queue({ batch: "c1", n: 5, due: 30, kind: "push" })).not.toBe(id);
    const row = await kept(id);
    expect(row).toMatchObject({ count: 2, content: { n: 2 } });
    expect(row?.wait).toBeLessThanOrEqual(30);
  });

  it("begins anew once it is being sent", async () => {
    const id = await queue({ batch: "c1", n: 1 });
    const [taken] = await take();
    const next = await queue({ batch: "c1", n: 2, due: 30 });
    expect(next).not.toBe(id);
    expect(await end(taken, "failed")).toMatchObject({ status: "queued" });
    expect(await queue({ batch: "c1", n: 3 })).toBe(next);
    expect(await kept(id)).toMatchObject({ count: 1 });
  });

  it("may be sent again while the next of its kind waits", async () => {
    const id = await queue({ batch: "c1" });
    await end((await take())[0], "sent");
    await queue({ batch: "c1", due: 30 });
    await store.sql`select heddle.replay_delivery(${id})`;
    expect(await take()).toMatchObject([{ id }]);
  });
});

it("is kept for 30 days after its end", async () => {
  const [ended, old, waiting] = [await queue(), await queue(), await queue()];
  await store.sql`
    update heddle.deliveries set status = 'sent', ended_at = now() - interval '29 days' where id = ${ended}`;
  await store.sql`
    update heddle.deliveries set status = 'dead', ended_at = now() - interval '31 days' where id = ${old}`;
  await store.sql`select heddle_api.tend_store()`;
  const rows = await store.sql`select id::integer from heddle.deliveries order by id`;
  expect(rows.map(({ id }) => id)).toEqual([ended, waiting]);
});

describe("the database's own call of the worker", () => {
  const wake = async () => (await store.sql`select heddle_api.wake_deliveries() as called`)[0]?.called;

  it("goes to where the worker said it is, with a key of its own, if there is something to send", async () => {
    await store.sql.unsafe(`
      create schema net;
      create table net.called (url text, headers jsonb);
      create function net.http_post(
        url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}', timeout_milliseconds integer default 5000
      ) returns bigint language sql as $$ insert into net.called values (url, headers); select 1::bigint $$;
      grant usage on schema net to postgres;
      grant insert on net.called to postgres;`);
    expect(await wake()).toBe(false);
    await store.sql`select heddle_api.take_deliveries('{email}', 1, 'https://project.example')`;
    expect(await wake()).toBe(false);
    await queue();
    expect(await wake()).toBe(true);
    const [call, ...more] = await store.sql`select url, headers->>'authorization' as bearer from net.called`;
    expect(more).toEqual([]);
    expect(call?.url).toBe("https://project.example/functions/v1/deliver");
    const isWorker = async (key: string) =>
      (await store.sql`select heddle_api.is_delivery_worker(${key}) as is`)[0]?.is;
    expect(await isWorker(call?.bearer.replace("Bearer ", ""))).toBe(true);
    expect(await isWorker("hdw_another")).toBe(false);
  });
});
