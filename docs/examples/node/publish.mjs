import { setTimeout as sleep } from "node:timers/promises";

const ATTEMPTS = 3;
const TIMEOUT_MS = 10_000;
const LONGEST_WAIT_SECONDS = 30;

/**
 * Makes the open widgets of a visitor fetch again. Throws with Heddle's reason if it can't.
 *
 * @param {{ url: string, apiKey: string }} heddle `https://<project>.supabase.co` and the key, `hdl_…`
 * @param {{ endUserId?: string, conversationId?: string, endUserIds?: string[], event?: { type: string, data?: object } }} change
 *   `event` has content for those who have the conversation open: see docs/realtime.md
 */
export async function publish({ url, apiKey }, change) {
  if (/\s/.test(apiKey)) {
    throw new Error("The API key holds white space, such as the newline at a file's end.");
  }
  for (let attempt = 1;; attempt++) {
    const response = await fetch(`${url.replace(/\/$/, "")}/functions/v1/realtime-publish`, {
      method: "POST",
      headers: { "x-api-key": apiKey, "content-type": "application/json" },
      body: JSON.stringify(change),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = (await response.json().catch(() => null)) ?? {}; // a proxy may answer HTML
    if (response.ok && answer.ok) return;

    const passes = response.status === 429 || response.status === 503;
    if (!passes || attempt === ATTEMPTS) {
      // Where the function did not run, the platform answers in its own way.
      const { code = "", message = "no reason given", issues = [] } = answer.error ?? answer;
      const reasons = [message];
      for (const issue of issues) reasons.push(`${issue.path}: ${issue.message}`);
      throw new Error(`Heddle answered ${response.status} ${code}: ${reasons.join("; ")}`);
    }
    const seconds = Number(response.headers.get("retry-after")) || 1;
    await sleep(Math.min(seconds, LONGEST_WAIT_SECONDS) * 1000);
  }
}
