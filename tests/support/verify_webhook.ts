import type { IncomingHttpHeaders } from "node:http";
import { type JWTPayload, jwtVerify } from "jose";
import { Webhook } from "standardwebhooks";

/** What an owner verifies with: the agent's webhook secret and id. */
export interface OwnerSettings {
  webhookSecret: string;
  id: string;
}

/** The claims of a call, by the code that an owner would write with `jose`. Throws if the call is refused. */
export async function verifiedIdentity(
  headers: IncomingHttpHeaders,
  { webhookSecret, id }: OwnerSettings,
): Promise<JWTPayload> {
  const verify = (token: unknown) =>
    jwtVerify(String(token), new TextEncoder().encode(webhookSecret), {
      algorithms: ["HS256"],
      issuer: "heddle",
      audience: id,
      requiredClaims: ["exp", "iat", "jti"],
    });
  const { "x-heddle-identity": current, "x-heddle-identity-previous": previous = current } = headers;
  return (await verify(current).catch(() => verify(previous))).payload;
}

/** The body of a POST, by the code that an owner would write with `standardwebhooks`. Throws if it is refused. */
export function verifiedBody(
  { headers, body }: { headers: IncomingHttpHeaders; body: string },
  { webhookSecret }: OwnerSettings,
): unknown {
  return new Webhook(webhookSecret).verify(body, headers as Record<string, string>);
}
