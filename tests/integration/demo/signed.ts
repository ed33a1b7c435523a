import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { Webhook } from "standardwebhooks";

export const WEBHOOK_SECRET = "whsec_dGVzdC1zZWNyZXQtb2YtdGhlLXNob3AtMDAwMDAwMDA=";
export const CONNECTOR_TOKEN = "test-connector-token";
export const AGENT_ID = "a1111111-1111-4111-8111-111111111111";

export interface Signing {
  secret?: string;
  id?: string;
  /** Seconds since 1970. */
  timestamp?: number;
  token?: string;
}

interface Message {
  action: string;
  endUser: { id: string; name?: string; email?: string };
  [field: string]: unknown;
}

/** A read as Heddle would send it, made with the libraries that owners verify with. */
export async function signedRead(url: string, message: Message, signing: Signing = {}): Promise<Request> {
  const { endUser: { id: sub, ...endUser }, ...claims } = message;
  const iat = signing.timestamp ?? Math.floor(Date.now() / 1000);
  const identity = await new SignJWT({
    iss: "heddle",
    aud: AGENT_ID,
    sub,
    ...endUser,
    ...claims,
    iat,
    exp: iat + 60,
  })
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(signing.secret ?? WEBHOOK_SECRET));
  return new Request(url, { headers: { ...authorization(signing), "x-heddle-identity": identity } });
}

/** A write as Heddle would send it. */
export function signedWrite(url: string, message: Message, signing: Signing = {}): Request {
  const id = signing.id ?? `msg_${randomUUID()}`;
  const timestamp = signing.timestamp ?? Math.floor(Date.now() / 1000);
  const body = JSON.stringify(message);
  return new Request(url, {
    method: "POST",
    body,
    headers: {
      ...authorization(signing),
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": new Webhook(signing.secret ?? WEBHOOK_SECRET)
        .sign(id, new Date(timestamp * 1000), body),
    },
  });
}

function authorization({ token = CONNECTOR_TOKEN }: Signing): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
