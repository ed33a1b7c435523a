import type { Sql, TransactionSql } from "postgres";

interface RegularWork {
  /** Names it in the log. */
  what: string;
  everyMs: number;
  work(): Promise<void>;
  log(line: string): void;
}

/** Works every so often, one round after the other. Says once that it can't. Returns what ends it, once the last round is over. */
export function regularly({ what, everyMs, work, log }: RegularWork): () => Promise<void> {
  let round: Promise<void> | null = null;
  let isDown = false;

  async function attempt() {
    try {
      await work();
      isDown = false;
    } catch (error) {
      if (!isDown) log(`${what}: ${String(error)}`);
      isDown = true;
    }
  }

  const timer = setInterval(() => round ??= attempt().finally(() => round = null), everyMs);
  return async () => {
    clearInterval(timer);
    await round;
  };
}

/** Runs SQL as the edge functions' role. `sql`: connections as `authenticator`. */
export async function asServiceRole<Answer>(
  sql: Sql,
  query: (tx: TransactionSql) => Promise<Answer>,
): Promise<Answer> {
  return await sql.begin(async (tx) => {
    await tx`set local role service_role`;
    return await query(tx);
  }) as Answer;
}
