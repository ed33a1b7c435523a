import postgres, { type ReservedSql, type Sql } from "postgres";
import { createGenerator, type Generator } from "./generator.ts";
import {
  addEvent,
  DEMO_ORG,
  type EventReader,
  makeEventKey,
  openPositionReader,
  openReader,
  openXminReader,
  type ReadEvent,
} from "./event_readers.ts";

const WRITERS = 16;
const READERS = 3;
const RESOURCES = 5;

/** What a reader made of the storm. */
export interface Told {
  missing: number;
  twice: number;
  orderBreaks: number;
}

/**
 * Sixteen writers that hold their transactions open, take savepoints and roll back, one transaction that is open all the
 * time, three readers with pages of random sizes, and one of each wrong kind: until so many events are written and read.
 */
export async function eventStorm(adminUrl: string, { events, seed }: { events: number; seed: number }) {
  const sql = postgres(adminUrl, { max: WRITERS + READERS + 4, onnotice: () => undefined });
  try {
    await sql.unsafe(`create table public.counted as
      select 'r' || n as id, 0 as n from generate_series(1, ${RESOURCES}) n`);
    const key = await makeEventKey(sql);
    const readers = {
      right: await Promise.all(Array.from({ length: READERS }, () => openReader(sql, key))),
      position: openPositionReader(sql),
      xmin: await openXminReader(sql),
    };
    const always = await sql.reserve();
    await always`begin`;
    await addEvent(always, "always");

    let left = events;
    const written = Array.from(
      { length: WRITERS },
      (_, at) => writeOn(sql, createGenerator(seed + at), () => left-- <= 0),
    );
    let isWritten = false;
    const seen = [...readers.right, readers.position, readers.xmin].map((reader, at) =>
      readOn(reader, createGenerator(seed - 1 - at), () => isWritten)
    );
    await Promise.all(written);
    await always`commit`;
    always.release();
    isWritten = true;
    const all = await Promise.all(seen);
    const rows = await sql<{ id: string }[]>`
      select id from heddle.events where org_id = ${DEMO_ORG} and resource_id ~ '^(r[0-9]|always)$'`;
    const told = all.map((events) => judge(events, rows.map(({ id }) => id)));
    return {
      events: rows.length,
      right: told.slice(0, READERS),
      position: told[READERS],
      xmin: told[READERS + 1],
    };
  } finally {
    await sql.end();
  }
}

/** Writes until it is over: the next number of a resource, under the lock of its row. */
async function writeOn(sql: Sql, generator: Generator, isOver: () => boolean): Promise<void> {
  const connection = await sql.reserve();
  while (!isOver()) {
    await connection`begin`;
    // Some have their number long before they write.
    if (generator.chance(0.3)) await connection`select pg_current_xact_id()`;
    if (generator.chance(0.3)) await pause(generator.below(15));
    const resource = `r${1 + generator.below(RESOURCES)}`;
    const [row] = await connection`update public.counted set n = n + 1 where id = ${resource} returning n`;
    await writeOne(connection, generator, resource, row?.n);
    if (generator.chance(0.4)) await pause(generator.below(8));
    if (generator.chance(0.1)) await connection`rollback`;
    else await connection`commit`;
  }
  connection.release();
}

async function writeOne(connection: ReservedSql, generator: Generator, resource: string, n: number) {
  const isNested = generator.chance(0.3);
  if (isNested) await connection`savepoint inner_one`;
  await addEvent(connection, resource, n);
  if (!isNested) return;
  if (generator.chance(0.5)) {
    await connection`rollback to savepoint inner_one`;
    await addEvent(connection, resource, n);
  } else await connection`release savepoint inner_one`;
}

async function readOn(reader: EventReader, generator: Generator, isWritten: () => boolean) {
  const seen: ReadEvent[] = [];
  while (true) {
    const isLast = isWritten();
    const page = await reader.next(1 + generator.below(40));
    seen.push(...page);
    if (isLast && page.length === 0) return seen;
    await pause(generator.below(10));
  }
}

function judge(seen: ReadEvent[], written: string[]): Told {
  const ids = new Set(seen.map(({ id }) => id));
  const latest = new Map<string, number>();
  let orderBreaks = 0;
  for (const { resourceId, n } of seen) {
    if (n < (latest.get(resourceId) ?? 0)) orderBreaks++;
    latest.set(resourceId, n);
  }
  return {
    missing: written.filter((id) => !ids.has(id)).length,
    twice: seen.length - ids.size,
    orderBreaks,
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
