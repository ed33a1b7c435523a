import { createHash } from "node:crypto";
import type { Sql } from "postgres";
import { DEMO_AGENT } from "../../local/demo_agent.ts";

export const DEMO_ORG = "c0000000-0000-4000-8000-000000000001";

/** An event as a reader gets it. `n` counts the changes of its resource. */
export interface ReadEvent {
  id: string;
  resourceId: string;
  n: number;
}

/** Goes through the log page by page; what comes back is what is new to it. */
export interface EventReader {
  /** Up to `limit` events. Fewer say nothing of whether there are more; none do. */
  next(limit: number): Promise<ReadEvent[]>;
}

interface KeyOptions {
  scopes?: string[];
  agentId?: string | null;
}

/** A key of the demo's organisation, or of an agent alone, as its owner would hold it. */
export async function makeEventKey(
  sql: Sql,
  { scopes = ["events:read", "events:write"], agentId = null }: KeyOptions = {},
): Promise<string> {
  const [row] = await sql`
    select heddle_api.create_api_key(${agentId ?? DEMO_AGENT.id}, 'test', ${scopes}, ${
    agentId === null
  }) as made`;
  return row?.made.key;
}

export function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** Reads as Heddle does: by the cursor that the last page came with. */
export async function openReader(sql: Sql, key: string, cursor?: string): Promise<EventReader> {
  const page = async (limit: number) => {
    const [row] = await sql`
      select heddle_api.read_events(${hashOf(key)}, ${cursor ?? null}, null, ${limit}) as page`;
    cursor = row?.page.cursor;
    return row?.page.events;
  };
  if (cursor === undefined) await page(1);
  return {
    next: async (limit) =>
      (await page(limit)).map(({ id, topic, data }: { id: string; topic: string; data: { n: number } }) => ({
        id,
        resourceId: topic.split(".").at(-1) ?? "",
        n: data.n,
      })),
  };
}

const COLUMNS = `id, resource_id as "resourceId", (data ->> 'n')::integer as n, pos::text`;

/** Wrong, for tests to show that they would notice: goes on after the highest position that it has seen. */
export function openPositionReader(sql: Sql): EventReader {
  let last = "0";
  return {
    async next(limit) {
      const rows = await sql.unsafe<(ReadEvent & { pos: string })[]>(
        `select ${COLUMNS} from heddle.events where pos > $1 order by pos limit $2`,
        [last, limit],
      );
      last = rows.at(-1)?.pos ?? last;
      return [...rows];
    },
  };
}

/** Wrong too: goes on with the oldest transaction that was open when it last read. */
export async function openXminReader(sql: Sql): Promise<EventReader> {
  const xmin = async () =>
    (await sql`select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`)[0]?.xmin as string;
  let from = await xmin();
  return {
    async next() {
      const to = await xmin();
      const rows = await sql.unsafe<ReadEvent[]>(
        `select ${COLUMNS} from heddle.events where xid >= $1::text::xid8 order by pos`,
        [from],
      );
      from = to;
      return [...rows];
    },
  };
}

/** Adds an event in a transaction, the `n`th of its resource. */
export async function addEvent(sql: Pick<Sql, "unsafe">, resourceId: string, n = 1): Promise<string> {
  const [row] = await sql.unsafe(
    `select (heddle.log_event($1, null, array['test', 'thing', 'changed', $2], 'thing.changed', null,
      jsonb_build_object('n', $3::integer))).id`,
    [DEMO_ORG, resourceId, n],
  );
  return row?.id;
}
