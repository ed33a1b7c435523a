import type { TransactionSql } from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keepPartitions } from "../../../local/realtime/database/partitions.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";

const PAYLOAD = { v: 1, id: "8d8a3c53-7e0e-4c43-9b37-0a2f31e2a0c5", type: "refresh", at: "now", data: {} };
let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const stored = () => database.sql`select topic from realtime.messages order by topic`;

/** What Realtime reads in the log is what a trigger sees: each insert. */
async function countInserts(): Promise<() => Promise<unknown[]>> {
  await database.sql.unsafe(`
    create table public.inserted (topic text, event text, private boolean, extension text, payload jsonb);
    create function public.note() returns trigger language plpgsql security definer as $$
    begin
      insert into public.inserted values (new.topic, new.event, new.private, new.extension, new.payload);
      return null;
    end $$;
    create trigger note after insert on realtime.messages for each row execute function public.note();`);
  return async () => [...await database.sql`select * from public.inserted order by topic`];
}

async function broadcast(channels: string[], event = "refresh"): Promise<void> {
  await database.sql.begin((tx) => broadcastIn(tx, channels, event));
}

async function broadcastIn(tx: TransactionSql, channels: string[], event = "refresh"): Promise<void> {
  await tx`set local role service_role`;
  await tx`select heddle_api.broadcast(${channels}, ${event}, ${tx.json(PAYLOAD)})`;
}

it("is an error, not a warning, where Realtime has no partition for today", async () => {
  await expect(broadcast(["conv-1"])).rejects.toThrow("no partition of relation");
});

it("inserts one private broadcast for each channel, with the envelope as it is, and leaves none", async () => {
  await keepPartitions(database.sql, Date.now());
  const inserted = await countInserts();
  await broadcast(["conv-1", "conv-2"], "message:new");
  const row = { event: "message:new", private: true, extension: "broadcast", payload: PAYLOAD };
  expect(await inserted()).toEqual([{ topic: "conv-1", ...row }, { topic: "conv-2", ...row }]);
  expect([...await stored()]).toEqual([]);
});

it("inserts nothing unless it can insert everything", async () => {
  await database.sql`delete from public.inserted`;
  await database.sql`alter table realtime.messages add constraint no_third check (topic <> 'conv-3')`;
  await expect(broadcast(["conv-1", "conv-3"])).rejects.toThrow("no_third");
  expect([...await database.sql`select from public.inserted`]).toEqual([]);
});

it("leaves the messages of others alone, those of the same channel and transaction too", async () => {
  await database.sql.begin(async (tx) => {
    await tx`select realtime.send('{}', 'theirs', 'conv-1', true)`;
    await broadcastIn(tx, ["conv-1"]);
  });
  expect([...await stored()]).toEqual([{ topic: "conv-1" }]);
});

it("does not search the day's messages", async () => {
  await database.sql`
    insert into realtime.messages (topic, private, extension, event, payload)
    select 'conv-' || n, true, 'broadcast', 'theirs', '{}' from generate_series(4, 5000) n`;
  await database.sql`analyze realtime.messages`;
  await database.sql.begin(async (tx) => {
    const read = async () => {
      const [row] = await tx`
        select sum(seq_tup_read)::int as searched, sum(idx_tup_fetch)::int as fetched
        from pg_stat_xact_all_tables where schemaname = 'realtime'`;
      return { searched: row?.searched ?? 0, fetched: row?.fetched ?? 0 };
    };
    const before = await read();
    await broadcastIn(tx, ["conv-1", "conv-2"]);
    const after = await read();
    expect([after.searched - before.searched, after.fetched - before.fetched]).toEqual([0, 2]);
  });
});

it("takes a channel named twice, and none at all", async () => {
  await broadcast(["conv-5", "conv-5"]);
  await broadcast([]);
  expect([...await database.sql`select from realtime.messages where topic = 'conv-5' and event = 'refresh'`])
    .toEqual([]);
});
