import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";

const unsubscriptionSchema = z.object({
  agentId: z.string(),
  audience: z.enum(["visitor", "team"]),
  /** As the mail was addressed. */
  address: z.string(),
});

/** Which mails of which agent end. */
export type Unsubscription = z.infer<typeof unsubscriptionSchema>;

const TAG_BYTES = 32;

/** Proves by itself, for as long as the key is the same, that whoever has it got this address's mail. */
export function unsubscribeToken(unsubscription: Unsubscription, key: Uint8Array): string {
  const content = Buffer.from(JSON.stringify(unsubscription));
  return Buffer.concat([tagOf(content, key), content]).toString("base64url");
}

/** What a token says; `null` if it is none of ours. */
export function readUnsubscribeToken(token: string, key: Uint8Array): Unsubscription | null {
  const bytes = Buffer.from(token, "base64url");
  const [tag, content] = [bytes.subarray(0, TAG_BYTES), bytes.subarray(TAG_BYTES)];
  if (tag.length < TAG_BYTES || !timingSafeEqual(tag, tagOf(content, key))) return null;
  return unsubscriptionSchema.parse(JSON.parse(content.toString()));
}

function tagOf(content: Buffer, key: Uint8Array): Buffer {
  return createHmac("sha256", key).update(content).digest();
}
