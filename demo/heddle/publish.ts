import type { Config } from "../config.ts";

const TIMEOUT_MS = 5000;

/** At least one of the two: whose list, and which open thread, is stale. */
export interface Stale {
  endUserId?: string;
  conversationId?: string;
}

export interface PublishResult {
  ok: boolean;
  /** HTTP status; 0 if no answer came. */
  status: number;
  ms: number;
  /** The channels that were told, their secret part cut off. */
  channels: string[];
  problem?: string;
}

/**
 * Tells Heddle that the open widgets of a visitor should fetch again. Call it after the transaction has committed.
 * Never throws: the message is saved, and a widget that misses the hint catches up at its next fetch.
 */
export async function publish({ heddle }: Config, stale: Stale): Promise<PublishResult> {
  const from = performance.now();
  const result = await post(heddle, stale).catch((error: Error) => ({
    ok: false,
    status: 0,
    channels: [],
    problem: `Heddle could not be reached (${error.message})`,
  }));
  if (!result.ok) console.error("publish failed:", result.problem);
  return { ...result, ms: Math.round(performance.now() - from) };
}

async function post(heddle: Config["heddle"], stale: Stale): Promise<Omit<PublishResult, "ms">> {
  const response = await fetch(`${heddle.apiUrl}/functions/v1/realtime-publish`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": heddle.apiKey },
    body: JSON.stringify(stale),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = await response.json();
  return {
    ok: response.ok,
    status: response.status,
    channels: (answer.channels ?? []).map(withoutSignature),
    problem: answer.error?.message,
  };
}

/** A channel's name lets its holder listen, so it belongs in no log and on no screen. */
function withoutSignature(channel: string): string {
  return channel.replace(/-[0-9a-f]{64}$/, "-…");
}
