import type { Sql } from "postgres";
import { asServiceRole, regularly } from "./regularly.ts";

/** pg_cron does it every 10 seconds where a project has it; nobody should wait so long while trying something out. */
const EVERY_MS = 1000;

interface SendOptions {
  /** Connections as `authenticator`. */
  sql: Sql;
  /** Where functions are called. */
  apiUrl: string;
  secretKey: string;
  everyMs?: number;
  log(line: string): void;
}

/** Calls the function `deliver` whenever there is something to send. Returns what ends that, once the last round is over. */
export function sendDue(
  { sql, apiUrl, secretKey, everyMs = EVERY_MS, log }: SendOptions,
): () => Promise<void> {
  return regularly({
    what: "deliver: what was due was not sent",
    everyMs,
    async work() {
      const [row] = await asServiceRole(sql, (tx) => tx`select heddle_api.deliveries_due() as due`);
      if (!row?.due) return;
      const response = await fetch(`${apiUrl}/functions/v1/deliver`, {
        method: "POST",
        headers: { authorization: `Bearer ${secretKey}` },
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the function answered ${response.status}`);
    },
    log,
  });
}
