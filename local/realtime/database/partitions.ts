/** The daily partitions of `realtime.messages` (UTC). Source: supabase/realtime, lib/realtime/tenants/janitor/. */
import type { Sql } from "postgres";

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST_DAY = -1;
const LAST_DAY = 3;
/** Messages are kept for three days and what has passed of the fourth. */
const OLDEST_DAY = -3;
const NAME = /^messages_\d{4}_\d{2}_\d{2}$/;

/** Drops the partitions of days that ended more than 72 hours ago, and creates those from yesterday to three days ahead. */
export async function keepPartitions(sql: Sql, now: number): Promise<void> {
  const oldest = nameOf(now + OLDEST_DAY * DAY_MS);
  await drop(sql, (await partitions(sql)).filter((name) => name < oldest));
  await createPartitions(sql, now);
}

export async function dropPartitions(sql: Sql): Promise<void> {
  await drop(sql, await partitions(sql));
}

/** As their owner; partitions that are there stay as they are. */
async function createPartitions(sql: Sql, now: number): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`set local role supabase_realtime_admin`;
    for (let day = FIRST_DAY; day <= LAST_DAY; day++) {
      const [from, to] = [now + day * DAY_MS, now + (day + 1) * DAY_MS];
      // Table definitions take no parameters; all three values come from the clock.
      await transaction.unsafe(
        `create table if not exists realtime.${nameOf(from)} partition of realtime.messages
         for values from ('${isoDay(from)} 00:00:00') to ('${isoDay(to)} 00:00:00')`,
      );
    }
  });
}

/** Names of the daily ones, without their schema. */
async function partitions(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select relname as name from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'realtime.messages'::regclass`;
  return rows.map(({ name }) => name).filter((name) => NAME.test(name));
}

async function drop(sql: Sql, names: string[]): Promise<void> {
  for (const name of names) await sql`drop table if exists ${sql(`realtime.${name}`)}`;
}

function nameOf(time: number): string {
  return `messages_${isoDay(time).replaceAll("-", "_")}`;
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
