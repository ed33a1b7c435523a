import type { Sql } from "postgres";

/** As pg_cron does it where a project has it. */
const EVERY_MS = 30_000;

interface TendOptions {
  /** Connections as `authenticator`. */
  sql: Sql;
  everyMs?: number;
  log(line: string): void;
}

/**
 * Has the built-in store do regularly what happens with time: snoozes end, and so does the presence of who is silent. Returns
 * what ends that, once the last round is over.
 */
export function tendStore({ sql, everyMs = EVERY_MS, log }: TendOptions): () => Promise<void> {
  let round: Promise<void> = Promise.resolve();
  let isDown = false;

  async function tend() {
    try {
      await sql.begin(async (tx) => {
        await tx`set local role service_role`;
        await tx`select heddle_api.tend_store()`;
      });
      isDown = false;
    } catch (error) {
      if (!isDown) log(`store: what happens with time was left out: ${String(error)}`);
      isDown = true;
    }
  }

  const timer = setInterval(() => round = round.then(tend), everyMs);
  return async () => {
    clearInterval(timer);
    await round;
  };
}
