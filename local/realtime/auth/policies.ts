/**
 * Authorization by the row level security policies on `realtime.messages`: the deployed policies run in
 * Postgres, in transactions that are always rolled back.
 * Source: supabase/realtime, lib/realtime/tenants/authorization.ex.
 */
import postgres, { type Sql, type TransactionSql } from "postgres";
import { RealtimeError } from "../errors.ts";
import type { Claims } from "./token.ts";

export type Extension = "broadcast" | "presence";

/** Who asks for which topic. */
export interface PolicyContext {
  /** Without the `realtime:` prefix. */
  topic: string;
  claims: Claims;
  /** What policies see as `request.headers`. */
  headers: Record<string, string>;
}

export interface ReadPolicies {
  broadcast: boolean;
  presence: boolean;
}

export interface Authorizer {
  /** What the caller may receive. Presence is asked only where a channel uses it. */
  read(context: PolicyContext, asked: { presence: boolean }): Promise<ReadPolicies>;
  /** Whether the caller may send. */
  write(context: PolicyContext, extension: Extension): Promise<boolean>;
}

const INSUFFICIENT_PRIVILEGE = "42501";
const CHECK_VIOLATION = "23514"; // Postgres: "no partition of relation found for row"

/** `sql` must be of the table's owner, who may take the role of whoever asks. What policies and triggers run has its rights. */
export function createAuthorizer(sql: Sql): Authorizer {
  return {
    async read(context, asked) {
      const extensions: Extension[] = asked.presence ? ["broadcast", "presence"] : ["broadcast"];
      const visible = await rolledBack(sql, async (transaction) => {
        const probes = await insertProbes(transaction, context.topic, extensions);
        await becomeCaller(transaction, context);
        return await transaction<{ extension: Extension }[]>`
          select extension from realtime.messages where id in ${transaction(probes)}`;
      });
      const readable = new Set(visible.map((row) => row.extension));
      return { broadcast: readable.has("broadcast"), presence: readable.has("presence") };
    },

    write(context, extension) {
      return rolledBack(sql, async (transaction) => {
        await becomeCaller(transaction, context);
        return await canInsert(transaction, context.topic, extension);
      });
    },
  };
}

async function insertProbes(transaction: TransactionSql, topic: string, extensions: Extension[]) {
  const probes = extensions.map((extension) => ({ id: crypto.randomUUID(), topic, extension }));
  await transaction`insert into realtime.messages ${transaction(probes, "id", "topic", "extension")}`;
  return probes.map((probe) => probe.id);
}

async function becomeCaller(transaction: TransactionSql, { topic, claims, headers }: PolicyContext) {
  await transaction`
    select set_config('role', ${claims.role}, true),
      set_config('realtime.topic', ${topic}, true),
      set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
      set_config('request.jwt.claim.sub', ${String(claims.sub ?? "")}, true),
      set_config('request.jwt.claim.role', ${claims.role}, true),
      set_config('request.headers', ${JSON.stringify(headers)}, true)`;
}

async function canInsert(transaction: TransactionSql, topic: string, extension: Extension): Promise<boolean> {
  try {
    // No `returning`: Postgres would ask the select policies about the returned row.
    await transaction`insert into realtime.messages (topic, extension) values (${topic}, ${extension})`;
    return true;
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === INSUFFICIENT_PRIVILEGE) return false;
    throw error;
  }
}

/** Runs `work` in a transaction and rolls it back, whatever comes of it. */
async function rolledBack<T>(sql: Sql, work: (transaction: TransactionSql) => Promise<T>): Promise<T> {
  const outcome: { value?: { of: T } } = {};
  const rollback = new Error("rolled back on purpose");
  try {
    await sql.begin(async (transaction) => {
      outcome.value = { of: await work(transaction) };
      throw rollback;
    });
  } catch (error) {
    if (error !== rollback) throw asRealtimeError(error);
  }
  if (!outcome.value) throw new Error("a transaction without an outcome");
  return outcome.value.of;
}

function asRealtimeError(error: unknown): RealtimeError {
  const known = toRealtimeError(error);
  known.cause = error;
  return known;
}

function toRealtimeError(error: unknown): RealtimeError {
  if (!(error instanceof postgres.PostgresError) || error.severity === "FATAL") {
    return new RealtimeError("IncreaseConnectionPool", "Please increase your connection pool size");
  }
  if (error.code === CHECK_VIOLATION && error.message.startsWith("no partition")) {
    return new RealtimeError(
      "MissingPartition",
      "Realtime was unable to find the expected messages partition",
    );
  }
  return new RealtimeError("RlsPolicyError", error.message);
}
