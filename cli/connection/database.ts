import postgres from "postgres";
import { Failure, messageOf, Misuse } from "../errors.ts";
import { asSentence, refusedValue } from "./rest.ts";

const CONNECT_SECONDS = 10;
const HOSTED_DOMAIN = /\.supabase\.(?:com|co|in|red)$/;
const UNREACHABLE = /^(?:CONNECT|ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|CONNECTION_)/;

export interface Database {
  sql: postgres.Sql;
  call<T>(name: string, args?: Record<string, unknown>): Promise<T | null>;
  /** Why it does not answer; `null` if it does. */
  fault(): Promise<Failure | null>;
  close(): Promise<void>;
}

/** One connection, opened by the first query. Works through transaction poolers, which know no prepared statements. */
export function connectDatabase(databaseUrl: string): Database {
  const sql = open(databaseUrl);
  return {
    sql,
    async call<T>(name: string, args: Record<string, unknown> = {}) {
      const names = Object.keys(args);
      const list = names.map((argument, index) => `${argument} => $${index + 1}`).join(", ");
      const values = Object.values(args) as postgres.ParameterOrJSON<never>[];
      const [row] = await sql.unsafe<{ result: T | null }[]>(
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
  if (!isDatabaseUrl(databaseUrl)) {
    throw new Misuse(
      "--database-url must look like postgresql://user:password@host:5432/postgres, with the password's special characters as %40 and the like.",
    );
  }
  return postgres(databaseUrl, {
    max: 1,
    prepare: false,
    connect_timeout: CONNECT_SECONDS,
    onnotice: () => undefined,
    ...encryption(new URL(databaseUrl)),
  });
}

/** A password's raw `/`, `?` or `#` ends the host too early, and a raw `%` belongs to no character. */
function isDatabaseUrl(text: string): boolean {
  if (!/^postgres(?:ql)?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { username, password, host } = new URL(text);
  try {
    decodeURIComponent(username + password + host);
    return username !== "";
  } catch {
    return false;
  }
}

/** As psql does unless the URL says otherwise: encrypted where the server can. A hosted project can. */
function encryption({ hostname, searchParams }: URL): { ssl?: "require" | "prefer" } {
  if (searchParams.has("sslmode") || searchParams.has("ssl")) return {};
  return { ssl: HOSTED_DOMAIN.test(hostname) ? "require" : "prefer" };
}

/** A database error as one sentence; never with the URL, which holds a password. */
export function explained(error: unknown, databaseUrl: string): Failure {
  const { code = "", hint } = error as { code?: string; hint?: string };
  const { host, username } = new URL(databaseUrl);
  if (UNREACHABLE.test(code)) return new Failure(`The database at ${host} does not answer (${code}).`);
  if (code === "28P01" || code === "28000") {
    return new Failure(`The database at ${host} refuses the user ${username} or its password.`);
  }
  if (code === "3F000" || code === "42883") {
    return new Failure("This database has no Heddle of this version: run npm run heddle -- install first.");
  }
  if (code === "23514") return new Failure(refusedValue(messageOf(error)));
  if (code === "42501") return new Failure(`The user ${username} may not do that: use the role postgres.`);
  return new Failure(asSentence(messageOf(error), hint));
}
