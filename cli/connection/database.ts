import postgres from "postgres";
import { CliError, messageOf } from "../errors.ts";
import { HEDDLE } from "../installation/calls.ts";
import { driverUrl } from "./database_url.ts";
import { asSentence, CONFLICT, INVALID, refusedValue } from "./rest.ts";

const CONNECT_SECONDS = 10;
const HOSTED_DOMAIN = /\.supabase\.(?:com|co|in|red)$/;
const UNREACHABLE = /^(?:CONNECT|ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|CONNECTION_)/;

export interface Database {
  sql: postgres.Sql;
  /** Calls a function of `heddle_api`; `null` for nothing. Throws a `CliError`. */
  call(name: string, args?: Record<string, unknown>): Promise<unknown>;
  /** Why it does not answer; `null` if it does. */
  fault(): Promise<CliError | null>;
  close(): Promise<void>;
}

/** One connection, opened by the first query. Works through transaction poolers, which don't support prepared statements. */
export function connectDatabase(databaseUrl: string): Database {
  const sql = open(databaseUrl);
  return {
    sql,
    async call(name, args = {}) {
      const names = Object.keys(args);
      const list = names.map((argument, index) => `${argument} => $${index + 1}`).join(", ");
      const values = Object.values(args) as postgres.ParameterOrJSON<never>[];
      const [row] = await sql.unsafe<{ result: unknown }[]>(
        `select heddle_api.${name}(${list}) as result`,
        values,
      ).catch((error: unknown) => {
        throw explained(error, databaseUrl);
      });
      return row?.result ?? null;
    },
    async fault() {
      return await sql`select`.then(() => null, (error: unknown) => explained(error, databaseUrl));
    },
    close: () => sql.end({ timeout: 1 }),
  };
}

function open(databaseUrl: string): postgres.Sql {
  const url = driverUrl(databaseUrl);
  return postgres(url.href, {
    max: 1,
    prepare: false,
    connect_timeout: CONNECT_SECONDS,
    onnotice: () => undefined,
    ...encryption(url),
  });
}

/** As psql does unless the URL says otherwise: encrypted where the server can. A hosted project can. */
function encryption({ hostname, searchParams }: URL): { ssl?: "require" | "prefer" } {
  if (searchParams.has("sslmode") || searchParams.has("ssl")) return {};
  return { ssl: HOSTED_DOMAIN.test(hostname) ? "require" : "prefer" };
}

/** A database error as one sentence; never with the URL, which holds a password. */
export function explained(error: unknown, databaseUrl: string): CliError {
  const { code = "", detail, hint } = error as { code?: string; detail?: string; hint?: string };
  const { host, username } = new URL(databaseUrl);
  if (UNREACHABLE.test(code)) {
    return new CliError("unreachable", `The database at ${host} does not answer (${code}).`);
  }
  if (code === "28P01" || code === "28000") {
    return new CliError(
      "access_denied",
      `The database at ${host} refuses the user ${username} or its password.`,
    );
  }
  if (code === "3F000" || code === "42883") {
    return new CliError(
      "not_installed",
      `This database has no Heddle of this version: run ${HEDDLE} install first.`,
    );
  }
  if (code === "23514") return new CliError("rejected", refusedValue(messageOf(error)));
  if (code === CONFLICT && detail) return new CliError("conflict", asSentence(detail));
  if (code === INVALID && detail) return new CliError("rejected", asSentence(detail, hint));
  if (code === "42501") {
    return new CliError("access_denied", `The user ${username} may not do that: use the role postgres.`);
  }
  return new CliError("rejected", asSentence(messageOf(error), hint));
}
