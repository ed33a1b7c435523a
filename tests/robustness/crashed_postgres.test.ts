import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import {
  AGENT,
  type ConversationStore,
  createStore,
  OLGA,
} from "../integration/database/conversation_store.ts";
import { addEvent, DEMO_ORG, makeEventKey } from "../support/event_readers.ts";
import { type OwnCluster, startOwnCluster } from "./support/own_cluster.ts";

/** Ids of transactions that a crash forgets. */
const FORGOTTEN = 20;
const WRITTEN = Array.from({ length: 2 * FORGOTTEN }, (_, n) => n + 1);

let cluster: OwnCluster;
let store: ConversationStore;
let sql: Sql;
beforeAll(async () => {
  cluster = await startOwnCluster();
  store = await createStore(cluster);
  await makeEventKey(store.sql);
  await store.sql.end();
});
afterAll(async () => {
  await sql?.end();
  await cluster?.stop();
});
beforeEach(async () => {
  await open();
  // Only what is committed is kept, until then.
  await sql.unsafe("alter system set wal_writer_delay = '10s'");
  await sql`select pg_reload_conf()`;
});

async function open(): Promise<void> {
  await sql?.end();
  sql = postgres(store.adminUrl, { max: 1, onnotice: () => undefined, fetch_types: false });
}

/** Reads after transactions whose ids Postgres gives out again once it has crashed: they are rolled back, and nothing follows. */
async function readBeforeCrash<Read>(read: () => Promise<Read>): Promise<Read> {
  for (let n = 0; n < FORGOTTEN; n++) {
    await sql.unsafe("begin; select pg_current_xact_id(); rollback");
  }
  const [before] = await sql`select pg_snapshot_xmax(pg_current_snapshot())::text::integer as next`;
  const answer = await read();
  await cluster.crash(() => sql.end({ timeout: 0 }));
  await open();
  const [after] = await sql`select pg_snapshot_xmax(pg_current_snapshot())::text::integer as next`;
  expect(after?.next).toBeLessThanOrEqual(before?.next - FORGOTTEN);
  return answer;
}

async function writeEvents(): Promise<void> {
  for (const n of WRITTEN) await addEvent(sql, "thing", n);
}

interface Logged {
  event: { data: { n: number } };
}

async function tail(args: Record<string, string | null> = {}) {
  const { from = null, heard = null } = args;
  const [row] = await sql`select heddle_api.tail_events(p_from => ${from}, p_heard => ${heard}) as tail`;
  return row?.tail as { events: Logged[]; snapshot: string; heard: string; cursor: string };
}

async function eventsAfter(cursor: string): Promise<number[]> {
  const wanted = { orgs: [DEMO_ORG], agents: [], topics: null };
  const [row] = await sql`select heddle_api.events_after(${cursor}, ${sql.json(wanted)}) as page`;
  return row?.page.events.map(({ data }: Logged["event"]) => data.n);
}

async function eventsUntil(cursor: string, until: string): Promise<number[]> {
  const wanted = { orgs: [DEMO_ORG], agents: [], topics: [{ orgId: DEMO_ORG, source: "test" }] };
  const [row] = await sql`
    select heddle_api.events_until(${cursor}, ${until}, null, ${sql.json(wanted)}) as page`;
  return row?.page.events.map(({ event }: Logged) => event.data.n);
}

it("whoever has a cursor from before a crash gets every event after it", async () => {
  await addEvent(sql, "thing", 0);
  const { cursor } = await readBeforeCrash(() => tail());
  await writeEvents();
  expect(await eventsAfter(cursor)).toEqual(WRITTEN);
});

it("a gateway that was there before a crash hears every event after it, and none that it can send twice", async () => {
  await addEvent(sql, "thing", 0);
  const before = await readBeforeCrash(() => tail());
  await writeEvents();
  // To who comes with a cursor it sends what is up to where it is, then what it hears.
  expect(await eventsUntil(before.cursor, before.snapshot)).toEqual([]);
  const after = await tail({ from: before.snapshot, heard: before.heard });
  expect(after.events.map(({ event }) => event.data.n)).toEqual(WRITTEN);
  expect(await eventsAfter(after.cursor)).toEqual([]);
});

it("an inbox that was there before a crash hears of every conversation after it", async () => {
  await store.visitor("store_post", post("before"), sql);
  const { cursor } = await readBeforeCrash(() =>
    store.operator(OLGA, "inbox_list", { p_agent_id: AGENT }, sql)
  );
  for (const n of WRITTEN) await store.visitor("store_post", post(`visitor ${n}`), sql);
  const { rows } = await store.operator(OLGA, "inbox_changes", {
    p_agent_id: AGENT,
    p_cursor: cursor,
    p_limit: 200,
  }, sql);
  expect(rows).toHaveLength(WRITTEN.length);
});

function post(visitor: string) {
  return { p_end_user: visitor, p_conversation_id: null, p_client_id: crypto.randomUUID(), p_body: "Hello" };
}
