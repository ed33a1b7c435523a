import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import type { WebhookRequest } from "./message.ts";

/** An agent's webhook secrets, each `whsec_` and base64; `previous` while a rotation's grace time lasts. */
export interface WebhookSecrets {
  current: string;
  previous: string | null;
}

/**
 * The headers of Standard Webhooks. Signed content: `id.timestamp.` + `METHOD path?query` + newline + body, the bytes as
 * they are sent. During a rotation `webhook-signature` holds two signatures, the current secret's first.
 * `now` in milliseconds.
 */
export function signatureHeaders(
  request: WebhookRequest,
  secrets: WebhookSecrets,
  id: string,
  now: number,
): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  const { method, url, body } = request;
  const content = `${id}.${timestamp}.${method} ${url.pathname}${url.search}\n${body}`;
  const signatures = [secrets.current, secrets.previous]
    .flatMap((secret) => secret === null ? [] : `v1,${signature(secret, content)}`);
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}

function signature(secret: string, content: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return createHmac("sha256", key).update(content).digest("base64");
}
