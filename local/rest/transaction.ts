import type { Sql } from "postgres";
import { literal } from "./quoting.ts";

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
 * `request.*` settings. `statement` answers at most one row, with the column `body`.
 *
 * Both statements go out as one query string: Postgres runs such a string in one transaction, so the settings end
 * with it, and the call costs a single round trip.
 */
export async function runAs(sql: Sql, settings: RequestSettings, statement: string): Promise<string | null> {
  const script = `${applying(settings)}; ${statement}`;
  const results = await sql.unsafe<{ body: string | null }[][]>(script).simple();
  return results[1]?.[0]?.body ?? null;
}

function applying(settings: RequestSettings): string {
  const values = {
    role: settings.role,
    search_path: settings.searchPath,
    transaction_read_only: settings.readOnly ? "on" : "off",
    "request.jwt.claims": JSON.stringify(settings.claims),
    "request.method": settings.method,
    "request.path": settings.path,
    "request.headers": JSON.stringify(settings.headers),
  };
  const calls = Object.entries(values).map(([name, value]) =>
    `set_config(${literal(name)}, ${literal(value)}, true)`
  );
  return `select ${calls.join(", ")}`;
}
