import postgres, { type Sql, type TransactionSql } from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AGENT, type Json, OLGA, useStore } from "./conversation_store.ts";

const store = useStore();
let others: Sql;
const ids: string[] = [];

beforeAll(async () => {
  others = postgres(store.adminUrl, { max: 8, onnotice: () => undefined });
  for (let n = 0; n < 5; n++) ids.push(await store.begin(`u${n}`));
});
afterAll(() => others.end());

const list = () => store.operator(OLGA, "inbox_list", { p_agent_id: AGENT });
const changes = (p_cursor: string, p_limit = 100) =>
  store.operator(OLGA, "inbox_changes", { p_agent_id: AGENT, p_cursor, p_limit });
const name = (on: Sql | TransactionSql, id: string | undefined, to: string) =>
  on`update heddle.conversations set name = ${to} where id = ${id as string}`;
const namesOf = ({ rows }: Json) => rows.map((row: Json) => row.name);

/** Changes something in a transaction that stays open until the promise that it answers with is called. */
async function holding(work: (tx: TransactionSql) => Promise<unknown>): Promise<() => Promise<unknown>> {
  return await new Promise((resolve, reject) => {
    const done = others.begin(async (tx) => {
      await work(tx);
      await new Promise<void>((release) => {
        resolve(() => {
          release();
          return done;
        });
      });
    });
    done.catch(reject);
  });
}

describe("what changed since a cursor", () => {
  it("holds a change that was begun before the cursor and committed after it, and none twice", async () => {
    const { cursor } = await list();
    const commit = await holding((tx) => name(tx, ids[0], "slow"));
    await name(others, ids[1], "fast");
    const first = await changes(cursor);
    expect(namesOf(first)).toEqual(["fast"]);
    await commit();
    const second = await changes(first.cursor);
    expect(namesOf(second)).toEqual(["slow"]);
    expect(namesOf(await changes(second.cursor))).toEqual([]);
  });

  it("does not grow while a transaction stays open", async () => {
    const commit = await holding((tx) => tx`select pg_current_xact_id()`);
    let { cursor } = await list();
    const seen: string[][] = [];
    for (const each of ["a", "b", "c"]) {
      await name(others, ids[2], each);
      const answer = await changes(cursor);
      seen.push(namesOf(answer));
      cursor = answer.cursor;
    }
    expect(seen).toEqual([["a"], ["b"], ["c"]]);
    await commit();
  });

  it("comes in pages that lose nothing which commits between two of them", async () => {
    const { cursor } = await list();
    const commit = await holding((tx) => name(tx, ids[3], "behind"));
    await name(others, ids[0], "one");
    await name(others, ids[1], "two");
    const first = await changes(cursor, 1);
    expect([namesOf(first), first.more]).toEqual([["one"], true]);
    await commit();
    await name(others, ids[0], "one again");
    const second = await changes(first.cursor, 1);
    expect(namesOf(second)).toEqual(["two"]);
    const third = await changes(second.cursor, 1);
    expect([namesOf(third), third.more]).toEqual([[], false]);
    expect(namesOf(await changes(third.cursor)).sort()).toEqual(["behind", "one again"]);
  });

  it("is read with the list in one snapshot: what commits while it is read comes after", async () => {
    const locked = await holding((tx) => tx`lock table heddle.conversation_labels in access exclusive mode`);
    const reading = list();
    await expect.poll(async () =>
      (await others`select from pg_locks where relation = 'heddle.conversation_labels'::regclass and not granted`)
        .length
    ).toBe(1);
    await others.begin(async (tx) => {
      // Without its events, which would wait as well.
      await tx`set local heddle.importing = 'on'`;
      await tx`update heddle.conversations set name = 'meanwhile', xid = pg_current_xact_id()
        where id = ${ids[4] as string}`;
    });
    await locked();
    const { rows, cursor } = await reading;
    expect(namesOf({ rows })).not.toContain("meanwhile");
    expect(namesOf(await changes(cursor))).toContain("meanwhile");
  });

  it("is never asked of functions whose statements see different moments", async () => {
    const reading = await store.sql<{ name: string }[]>`
      select proname as name from pg_proc
      where pronamespace in ('heddle'::regnamespace, 'heddle_api'::regnamespace) and provolatile = 'v'
        and proname ~ '(_list|_thread|_changes|_counts|_channels|_search|_json|_present|_replies|_export|_since|_before|_cursor|cursor_now)$'`;
    expect([...reading]).toEqual([]);
  });

  it("names what left for good", async () => {
    const id = await store.begin("leaver");
    const { cursor } = await list();
    await store.visitor("store_erase", { p_end_user: "leaver" });
    const erased = await changes(cursor);
    expect(erased.left).toEqual([id]);
    expect((await changes(erased.cursor)).left).toEqual([]);
    const other = await store.begin("leaver");
    await store.sql`delete from heddle.conversations where id = ${other}`;
    expect((await changes(erased.cursor)).left).toEqual([other]);
  });

  it("starts anew with a cursor of another database, and refuses what is none", async () => {
    const { cursor } = await list();
    const [epoch, snapshot] = cursor.split("~");
    expect(await changes(`1${epoch}~${snapshot}`)).toEqual({ resync: true });
    expect(await changes(`${epoch}~1:2:1~99999999:99999999:~5~${ids[0]}`)).toEqual({ resync: true });
    const many = Array.from({ length: 65 }, (_, n) => n + 1).join(",");
    for (
      const wrong of [
        "",
        "1",
        `${epoch}~9:1:`,
        `${epoch}~1:99:${many}`,
        `${cursor}~1:2:~x~y`,
        `${cursor}'`,
        null,
      ]
    ) {
      await expect(changes(wrong as string), String(wrong)).rejects.toMatchObject({ code: "PT400" });
    }
  });
});

it("after many writers at once two followers of changes hold what the tables hold, and each number was used once", async () => {
  const { cursor } = await list();
  const followers = [1, 7].map((limit) => ({ limit, cursor, rows: new Map<string, Json>() }));
  for (const follower of followers) for (const row of (await list()).rows) follower.rows.set(row.id, row);
  const follow = async (follower: (typeof followers)[number]) => {
    let more = true;
    while (more) {
      const answer = await changes(follower.cursor, follower.limit);
      for (const row of answer.rows) follower.rows.set(row.id, row);
      more = answer.more;
      follower.cursor = answer.cursor;
    }
  };
  await store.sent();
  const revs = new Map<string, number>(ids.map((id) => [id, followers[0]?.rows.get(id).rev]));
  let random = 7;
  const pick = <T>(from: readonly T[]) => {
    random = (random * 1103515245 + 12345) % 2147483648;
    return from[Math.floor(random / 65536) % from.length] as T;
  };
  const step = async () => {
    const at = pick([0, 1, 2, 3, 4]);
    const id = ids[at] as string;
    const as = { p_end_user: `u${at}`, p_conversation_id: id };
    const client = { p_client_id: crypto.randomUUID(), p_body: "x" };
    await pick<() => Promise<unknown>>([
      () => store.visitor("store_post", { ...as, ...client }, others),
      () => store.operator(OLGA, "inbox_post", { p_conversation_id: id, ...client }, others),
      () => store.visitor("store_read", { ...as, p_seq: 100_000 }, others),
      () => store.operator(OLGA, "inbox_read", { p_conversation_id: id, p_seq: 100_000 }, others),
      () => store.operator(OLGA, "inbox_note", { p_conversation_id: id, ...client }, others),
      () => store.operator(OLGA, "inbox_status", { p_conversation_id: id, p_status: "resolved" }, others),
      () => store.operator(OLGA, "inbox_assign", { p_conversation_id: id, p_to: OLGA }, others),
      () => store.visitor("store_edit", { ...as, p_seq: 1, p_body: String(random) }, others),
    ])();
  };
  await Promise.all([
    ...Array.from({ length: 8 }, async () => {
      for (let n = 0; n < 25; n++) await step();
    }),
    ...followers.map(async (follower) => {
      for (let n = 0; n < 10; n++) await follow(follower);
    }),
  ]);
  for (const follower of followers) await follow(follower);

  const truth = Object.fromEntries((await store.sql`
    select c.id, c.rev, c.team_unread, seat.unread, c.status, c.message_count as count,
      (select count(*)::int from heddle.messages m where m.conversation_id = c.id and m.role = 'visitor'
        and m.changed_seq > c.team_read_seq) as team_recount,
      (select count(*)::int from heddle.messages m where m.conversation_id = c.id and m.role = 'operator'
        and m.seq > seat.read_seq) as recount,
      (select count(*)::int from heddle.messages m where m.conversation_id = c.id) as messages
    from heddle.conversations c join heddle.participants seat on seat.conversation_id = c.id and seat.role = 'visitor'
    where c.id = any (${ids})`).map((row) => [row.id, row]));
  for (const id of ids) {
    const row = truth[id] as Json;
    expect([row.team_unread, row.unread, row.count]).toEqual([row.team_recount, row.recount, row.messages]);
    for (const { rows } of followers) {
      expect(rows.get(id)).toMatchObject({
        rev: row.rev,
        unread: row.team_unread,
        status: row.status.toUpperCase(),
      });
    }
  }
  const heard = (await store.sent()).filter(({ to }) => to === "inbox");
  for (const id of ids) {
    const numbers = heard.flatMap(({ events }) => [
      ...new Set<number>(events.flatMap(({ data }) => data.conversationId === id ? data.rev ?? [] : [])),
    ]).sort((a, b) => a - b);
    const from = revs.get(id) as number;
    expect(numbers).toEqual(Array.from({ length: truth[id]?.rev - from }, (_, n) => from + 1 + n));
  }
});
