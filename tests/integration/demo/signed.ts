import { createHmac, randomUUID } from "node:crypto";

export const WEBHOOK_SECRET = "whsec_dGVzdC1zZWNyZXQtb2YtdGhlLXNob3AtMDAwMDAwMDA=";
export const CONNECTOR_TOKEN = "test-connector-token";

export interface Signing {
  secret?: string;
  id?: string;
  /** Seconds since 1970. */
  timestamp?: number;
  token?: string;
}

/** A request as Heddle would send it, signed by the contract and not by the shop's code. */
export function signedRequest(url: string, body?: object, signing: Signing = {}): Request {
  const { pathname, search } = new URL(url);
  const id = signing.id ?? `msg_${randomUUID()}`;
  const timestamp = signing.timestamp ?? Math.floor(Date.now() / 1000);
  const method = body ? "POST" : "GET";
  const text = body ? JSON.stringify(body) : "";
  const key = Buffer.from((signing.secret ?? WEBHOOK_SECRET).slice("whsec_".length), "base64");
  const signature = createHmac("sha256", key)
    .update(`${id}.${timestamp}.${method} ${pathname}${search}\n${text}`)
    .digest("base64");
  return new Request(url, {
    method,
    body: body ? text : undefined,
    headers: {
      "content-type": "application/json",
      "authorization": `Bearer ${signing.token ?? CONNECTOR_TOKEN}`,
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": `v1,${signature}`,
    },
  });
}
