import * as z from "zod";
import { signingSchema } from "../channels/signing.ts";
import { callDatabase } from "./call_database.ts";

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
