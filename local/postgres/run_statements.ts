import type { TransactionSql } from "postgres";
import { withoutComments } from "./statements.ts";

/** Hosted Supabase lets `postgres` manage policies on this table, which is not its own (supautils.policy_grants). */
const POLICY_ON_MESSAGES =
  /^(?:create|alter|drop)\s+policy\s(?:[^"]|"(?:[^"]|"")*")*?\son\s+"?realtime"?\s*\.\s*"?messages"?(?:\s|$)/i;

/** Runs the statements of a script as `postgres`, whose connection it is; policies on Realtime's table as their owner. */
export async function runStatements(tx: TransactionSql, statements: string[]): Promise<void> {
  for (const statement of statements) {
    if (POLICY_ON_MESSAGES.test(withoutComments(statement))) {
      await tx`select realtime.manage_policy(${statement})`;
    } else await tx.unsafe(statement).simple();
  }
}
