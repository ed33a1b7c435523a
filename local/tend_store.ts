import type { Sql } from "postgres";
import { asServiceRole, regularly } from "./regularly.ts";

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
  return regularly({
    what: "store: what happens with time was left out",
    everyMs,
    async work() {
      await asServiceRole(sql, (tx) => tx`select heddle_api.tend_store()`);
    },
    log,
  });
}
