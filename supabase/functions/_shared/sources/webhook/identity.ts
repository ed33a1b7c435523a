import { SignJWT } from "jose";
import type { WebhookMessage } from "./message.ts";

const LIFETIME_SECONDS = 60;

/**
 * A JWS that says who asks for what, for no-code tools that can check a JWT but never see the raw request. HS256; the key
 * is the whole text of the webhook secret, `whsec_` included, because such tools take a passphrase. `now` in milliseconds.
 */
export async function identityToken(
  message: WebhookMessage,
  secret: string,
  webhookId: string,
  now: number,
): Promise<string> {
  const { action, tabId, itemId, endUser } = message;
  const issuedAt = Math.floor(now / 1000);
  return await new SignJWT({ action, tabId, itemId, email: endUser.email, name: endUser.name })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("heddle")
    .setSubject(endUser.id)
    .setJti(webhookId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFETIME_SECONDS)
    .sign(new TextEncoder().encode(secret));
}
