import * as z from "zod";
import type { Envelope } from "../../../../shared/events.ts";
import { createBoundedMap } from "../bounded_map.ts";
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

/** The key with this SHA-256 (lowercase hex), or `null` if it is unknown or revoked. */
export async function publishContext(keyHash: string): Promise<PublishContext | null> {
  const answer = await callDatabase("publish_context", { p_key_hash: keyHash });
  return answer === null ? null : publishContextSchema.parse(answer);
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
