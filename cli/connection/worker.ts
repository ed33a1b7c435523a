import { CliError } from "../errors.ts";
import { ask } from "./http.ts";
import type { Target } from "./target.ts";

/**
 * Has the function `deliver` send what is due, and tell the database where it is, so that pg_cron can call it from then on.
 * False where that can't be done with what is known of the project, or the function did not answer as it should.
 */
export async function wakeWorker({ url, secretKey }: Target): Promise<boolean> {
  if (!url || !secretKey) return false;
  const answer = await ask(`${url}/functions/v1/deliver`, {
    method: "POST",
    headers: { authorization: `Bearer ${secretKey}`, "content-type": "application/json" },
    body: "{}",
  }).catch((error: unknown) => {
    // What was done before is done: that the worker is slow or away does not undo it.
    if (error instanceof CliError) return null;
    throw error;
  });
  return answer?.status === 200;
}
