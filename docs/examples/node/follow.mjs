import { setTimeout as sleep } from "node:timers/promises";

const WAIT_SECONDS = 25;
const TIMEOUT_MS = 40_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Handles every event after a cursor, one after the other, until the signal aborts. `handle` gets each event once; it may
 * get the last ones again if this process ends between its work and `keep`, so let both be in one transaction.
 *
 * @param {{ url: string, apiKey: string, names?: string[], since: string | null, signal: AbortSignal }} options `url` is a
 *   gateway's `…/v1/events` or a project's `…/functions/v1/events`; `names` are channels and topics, none: all
 * @param {(event: { id: string, type: string, at: string, topic: string, data: object }) => Promise<void>} handle
 * @param {(cursor: string) => Promise<void>} keep
 */
export async function follow({ url, apiKey, names = [], since, signal }, handle, keep) {
  let cursor = since;
  for (let failures = 0; !signal.aborted;) {
    try {
      const { events, cursor: next } = await read(url, apiKey, names, cursor, signal);
      for (const event of events) await handle(event);
      if (next !== cursor) await keep(next);
      cursor = next;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (error.code === "cursor_expired") throw error; // events may be missing: fetch the state, then go on with null
      console.error(error.message);
      const pause = Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures++);
      await sleep(pause * (0.5 + Math.random() / 2), null, { signal }).catch(() => undefined);
    }
  }
}

async function read(url, apiKey, names, cursor, signal) {
  const query = new URLSearchParams({ wait: String(WAIT_SECONDS) });
  if (cursor !== null) query.set("since", cursor);
  for (const name of names) query.append(name.startsWith("events.") ? "topic" : "channel", name);
  const response = await fetch(`${url}?${query}`, {
    headers: { "x-api-key": apiKey },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  const answer = (await response.json().catch(() => null)) ?? {}; // a proxy may answer HTML
  if (response.ok && answer.cursor) return answer;
  const { code = "", message = "no reason given" } = answer.error ?? {};
  throw Object.assign(new Error(`Heddle answered ${response.status} ${code}: ${message}`), { code });
}
