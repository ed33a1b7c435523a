import type { Sql } from "postgres";

const DAY_MS = 24 * 60 * 60 * 1000;
const FIRST_DAY = -1;
const LAST_DAY = 3;

/**
 * Creates the daily partitions of `realtime.messages` from yesterday to three days ahead (UTC), as their owner.
 * Partitions that are there stay as they are. Source: supabase/realtime, lib/realtime/tenants/janitor/.
 */
export async function createPartitions(sql: Sql, now: number): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`set local role supabase_realtime_admin`;
    for (let day = FIRST_DAY; day <= LAST_DAY; day++) {
      const from = isoDay(now + day * DAY_MS);
      const to = isoDay(now + (day + 1) * DAY_MS);
      const name = `messages_${from.replaceAll("-", "_")}`;
      // Table definitions take no parameters; all three values come from the clock.
      await transaction.unsafe(
        `create table if not exists realtime.${name} partition of realtime.messages
         for values from ('${from} 00:00:00') to ('${to} 00:00:00')`,
      );
    }
  });
}

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
