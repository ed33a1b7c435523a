import type { Sql } from "postgres";

export interface RequestSettings {
  /** Database role that the call runs as. */
  role: string;
  claims: Record<string, unknown>;
  method: string;
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  searchPath: string;
  readOnly: boolean;
}

/**
 * Runs one statement as PostgREST does: in a transaction of its own, as the caller's role, with the request in
 * `request.*` settings. Everything is sent at once and costs one round trip.
 * Rejects with the first error that Postgres reported; nothing is committed then.
 */
export async function runAs(
  sql: Sql,
  settings: RequestSettings,
  statement: string,
  argument: string,
): Promise<string | null> {
  const connection = await sql.reserve();
  try {
    const steps = await Promise.allSettled([
      connection.unsafe(settings.readOnly ? "begin read only" : "begin", [], PREPARED),
      connection.unsafe(APPLY_SETTINGS, settingValues(settings), PREPARED),
      connection.unsafe<{ body: string | null }[]>(statement, [argument], PREPARED),
      connection.unsafe("commit", [], PREPARED),
    ]);
    for (const step of steps) {
      if (step.status === "rejected") throw step.reason;
    }
    const [, , call] = steps;
    return call.status === "fulfilled" ? call.value[0]?.body ?? null : null;
  } finally {
    connection.release();
  }
}

const PREPARED = { prepare: true };

const APPLY_SETTINGS = `select
  set_config('role', $1, true),
  set_config('search_path', $2, true),
  set_config('request.jwt.claims', $3, true),
  set_config('request.method', $4, true),
  set_config('request.path', $5, true),
  set_config('request.headers', $6, true)`;

function settingValues({ role, searchPath, claims, method, path, headers }: RequestSettings): string[] {
  return [role, searchPath, JSON.stringify(claims), method, path, JSON.stringify(headers)];
}
