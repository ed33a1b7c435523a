import type { Sql, TransactionSql } from "postgres";
import { withoutComments } from "./statements.ts";

/** Hosted Supabase lets `postgres` manage policies on this table, which is not its own (supautils.policy_grants). */
const POLICY_ON_MESSAGES =
  /^(?:create|alter|drop)\s+policy\s(?:[^"]|"(?:[^"]|"")*")*?\son\s+"?realtime"?\s*\.\s*"?messages"?(?:\s|$)/i;

/** Runs work in one transaction as the role `postgres`, which is no superuser, on a superuser's connection. */
export async function asPostgres<T>(sql: Sql, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
  const result = await sql.begin(async (tx) => {
    await tx`set local session authorization postgres`;
    // As in a session of the role itself.
    await tx`set local search_path = "$user", public, extensions`;
    return { value: await work(tx) };
  });
  return result.value;
}

/** Runs the statements of a script as `postgres`, policies on Realtime's table as their owner. */
export async function runStatements(tx: TransactionSql, statements: string[]): Promise<void> {
  for (const statement of statements) {
    if (!POLICY_ON_MESSAGES.test(withoutComments(statement))) {
      await tx.unsafe(statement).simple();
      continue;
    }
    await tx`set local session authorization default`;
    await tx`set local role supabase_realtime_admin`;
    await tx.unsafe(statement);
    await tx`set local role none`;
    await tx`set local session authorization postgres`;
  }
}
