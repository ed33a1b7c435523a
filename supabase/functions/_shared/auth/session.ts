import { hkdfSync } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import * as z from "zod";
import type { Attributes } from "../../../../shared/attributes.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import { lowercaseUuid, ownerId } from "../../../../shared/ids.ts";

const LIFETIME_SECONDS = 15 * 60;
const ISSUER = "heddle";

/** Who makes a tab call, as `validate-widget` found it. */
export interface Session {
  agentId: string;
  endUser: { id: string; email?: string; name?: string };
  /** What the owner's token says beside: for the store alone, no webhook gets it. */
  attributes?: Attributes;
  /** When that token was issued, in seconds since the epoch, if it says so. */
  tokenIssued?: number;
  kind: "identified" | "anonymous";
  /** The agent's session version at the time; an owner who raises it ends every session. */
  version: number;
}

const claimsSchema = z.object({
  agentId: lowercaseUuid,
  sub: ownerId,
  kind: z.enum(["identified", "anonymous"]),
  version: z.number().int(),
  email: z.string().optional(),
  name: z.string().optional(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  tokenIssued: z.number().optional(),
});

/**
 * Signs a session that lasts 15 minutes, or until `notAfter` (seconds since the epoch) if that comes first.
 * `now` in milliseconds.
 */
export async function signSession(
  session: Session,
  key: Uint8Array,
  now: number,
  notAfter = Infinity,
): Promise<{ token: string; expiresAt: Date }> {
  const issuedAt = Math.floor(now / 1000);
  const expires = Math.min(issuedAt + LIFETIME_SECONDS, Math.floor(notAfter));
  const { agentId, endUser: { email, name, id }, attributes, tokenIssued, kind, version } = session;
  const token = await new SignJWT({ agentId, kind, version, email, name, attributes, tokenIssued })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer(ISSUER)
    .setSubject(id)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expires)
    .sign(key);
  return { token, expiresAt: new Date(expires * 1000) };
}

/**
 * The session a token holds. Throws `missing_session`, `expired_session` or `invalid_session`. `now` in
 * milliseconds.
 */
export async function verifySession(token: string | null, key: Uint8Array, now: number): Promise<Session> {
  if (token === null) throw new HeddleError("missing_session", "Send the session as a bearer token.");
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ["HS256"],
      issuer: ISSUER,
      requiredClaims: ["exp"],
      currentDate: new Date(now),
    });
    const { sub, email, name, ...session } = claimsSchema.parse(payload);
    return { ...session, endUser: { id: sub, email, name } };
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new HeddleError("expired_session", "The session has ended; validate the widget again.");
    }
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) throw invalidSession();
    throw error;
  }
}

export function invalidSession(): HeddleError {
  return new HeddleError("invalid_session", "The session must be one that validate-widget handed out.");
}

/** A key for one purpose, so that a leak of it is not a leak of the secret it comes from. */
export function derivedKey(
  secret: string,
  purpose: "session" | "address" | "unsubscribe" | "reply",
): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", `heddle ${purpose} v1`, 32));
}
