import * as z from "zod";
import type { Envelope } from "../../../../shared/events.ts";
import { createBoundedMap } from "../../../../shared/bounded_map.ts";
import { rateLimited } from "../http/endpoint.ts";
import { signingSchema } from "../realtime/signing.ts";
import { callDatabase } from "./call_database.ts";
import type { Json } from "./database_types.ts";

const TOUCH_INTERVAL_MS = 60_000;
const MAX_TOUCHED_KEYS = 1_000;

const publishContextSchema = z.object({
  keyId: z.string(),
  agentId: z.string(),
  scopes: z.array(z.string()),
  signing: signingSchema,
});

/** An API key and the agent it belongs to. */
export type PublishContext = z.infer<typeof publishContextSchema>;

const outcomeSchema = z.object({
  outcome: z.enum(["ok", "key_not_found", "rate_limited"]),
  retryAfter: z.number().nullish(),
});

/**
 * The key with this SHA-256 (lowercase hex), or `null` if it is unknown or revoked: that takes a token from the
 * address's bucket. Throws `rate_limited` if there is none left. `addressHash`: see `addressHash()`; `null` if the
 * address is not known.
 */
export async function publishContext(
  keyHash: string,
  addressHash: string | null,
): Promise<PublishContext | null> {
  const answer = await callDatabase("publish_context", { p_key_hash: keyHash, p_address_hash: addressHash });
  const { outcome, retryAfter } = outcomeSchema.parse(answer);
  switch (outcome) {
    case "ok":
      return publishContextSchema.parse(answer);
    case "rate_limited":
      throw rateLimited(retryAfter ?? 1);
    case "key_not_found":
      return null;
  }
}

/** Writes down that the key was used. */
export async function touchApiKey(keyId: string): Promise<void> {
  await callDatabase("touch_api_key", { p_key_id: keyId });
}

/** Writes down that a key is in use, at most once a minute for each key. `now` in milliseconds. */
export function createKeyTouches(touch: (keyId: string) => Promise<void>, now: () => number) {
  const touched = createBoundedMap<string, true>({
    maxSize: MAX_TOUCHED_KEYS,
    ttlMs: TOUCH_INTERVAL_MS,
    now,
  });

  /** `null` if it was done less than a minute ago. */
  return (keyId: string): Promise<void> | null => {
    if (touched.get(keyId)) return null;
    touched.set(keyId, true);
    return touch(keyId);
  };
}

/** Sends the event on all channels in one transaction. Throws unless Postgres has committed it. */
export async function broadcastFromDatabase(channels: readonly string[], envelope: Envelope): Promise<void> {
  await callDatabase("broadcast", {
    p_channels: [...channels],
    p_event: envelope.type,
    p_payload: { ...envelope } as Json,
  });
}
