import type { Sql } from "postgres";
import type { Signature } from "./signatures.ts";

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

export interface FunctionRequest {
  schema: string;
  name: string;
  /** Names of the arguments. */
  given: string[];
  /** The arguments: a JSON object. */
  body: string;
}

/** The statement that calls a function and answers one row with the result as JSON text in `body`. */
export function callStatement(request: FunctionRequest, signature: Signature): string {
  const { schema, name, given, body } = request;
  const used = signature.parameters.filter((parameter) => given.includes(parameter.name));
  const columns = used.map(({ name, type }) => `${quoted(name)} ${type}`).join(", ");
  const args = used.map(({ name, variadic }) =>
    `${variadic ? "variadic " : ""}${quoted(name)} => args.${quoted(name)}`
  );
  const source = used.length > 0
    ? `(select * from json_to_record(${literal(body)}::json) as given (${columns})) args`
    : "(select) args";
  const call = `${quoted(schema)}.${quoted(name)}(${args.join(", ")})`;
  return `select ${resultOf(signature)} as body from ${source}, lateral ${call} result`;
}

function resultOf({ returnsVoid, returnsSet }: Signature): string {
  if (returnsVoid) return "count(*)::text";
  return returnsSet ? "coalesce(json_agg(result), '[]')::text" : "(json_agg(result) -> 0)::text";
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

/** A string as SQL writes it. Postgres has no NUL character, and its protocol would end the query there. */
export function literal(value: string): string {
  return `'${value.replaceAll("\0", "").replaceAll("'", "''")}'`;
}

/** A name as SQL writes it. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll("\0", "").replaceAll('"', '""')}"`;
}
