import { callDatabase } from "../database/call_database.ts";
import { environment } from "../environment.ts";
import { type Call, inBackground } from "../http/endpoint.ts";
import { leaveBody } from "../http/in_time.ts";

/** Milliseconds in which what is written joins the same round. */
const GATHER_MS = 500;
/** The worker goes on by itself; whoever calls it need not wait for the end. */
const CALL_MS = 5_000;

/** Agents whose teams are told with the next round; `null`: of nobody's in particular. */
const waiting = new Set<string | null>();

/**
 * Something was written: has a worker called at once if there is something to send, so that nothing waits for the database's
 * own next look. `agentId`: whose rules may be about it, `null` for an organisation's events.
 */
export function deliverSoon(agentId: string | null, call: Call): void {
  const isPlanned = waiting.size > 0;
  waiting.add(agentId);
  if (!isPlanned) inBackground(round(), "deliver_soon", call.requestId);
}

async function round(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
  const agents = [...waiting];
  // What is written from here on has a round of its own.
  waiting.clear();
  const due = await Promise.all(
    agents.map((agentId) => callDatabase("deliveries_due", { p_agent_id: agentId })),
  );
  if (due.includes(true)) await callWorker();
}

async function callWorker(): Promise<void> {
  const { supabaseUrl, secretKey } = environment();
  const signal = AbortSignal.timeout(CALL_MS);
  try {
    const response = await fetch(`${supabaseUrl}/functions/v1/deliver`, {
      method: "POST",
      headers: { authorization: `Bearer ${secretKey}`, "content-type": "application/json" },
      body: "{}",
      signal,
    });
    leaveBody(response);
    if (!response.ok) throw new Error(`deliver answered ${response.status}`);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
