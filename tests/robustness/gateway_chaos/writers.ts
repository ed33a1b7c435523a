import postgres, { type Sql } from "postgres";
import { addEvent } from "../../support/event_readers.ts";
import type { Generator } from "../../support/generator.ts";
import { pause } from "./follower.ts";

const RESOURCES = 6;

export async function prepare(sql: Sql): Promise<void> {
  await sql.unsafe(`create table public.counted as
    select 'r' || n as id, 0 as n from generate_series(1, ${RESOURCES}) n`);
}

/**
 * Writes until it is over, through restarts of Postgres: transactions that have their number early, stay open, write several
 * events, or are rolled back.
 */
export async function writeOn(url: string, generator: Generator, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const sql = postgres(url, { max: 1, onnotice: () => undefined, connect_timeout: 2, fetch_types: false });
    try {
      while (!isOver()) await within(5_000, writeOnce(sql, generator));
    } catch {
      await pause(100); // Postgres is away: what was committed shows in the table
    } finally {
      await sql.end({ timeout: 0 });
    }
  }
}

async function writeOnce(sql: Sql, generator: Generator): Promise<void> {
  await sql.unsafe("begin");
  if (generator.chance(0.3)) {
    await sql.unsafe("select pg_current_xact_id()");
    await pause(generator.below(60));
  }
  const id = `r${1 + generator.below(RESOURCES)}`;
  for (let count = 1 + generator.below(4); count > 0; count--) {
    const [row] = await sql.unsafe("update public.counted set n = n + 1 where id = $1 returning n", [id]);
    await addEvent(sql, id, row?.n);
  }
  if (generator.chance(0.3)) await pause(generator.below(20));
  await sql.unsafe(generator.chance(0.1) ? "rollback" : "commit");
  await pause(generator.below(40));
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("late")), ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
