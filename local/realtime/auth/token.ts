/**
 * Verification of a caller's JWT, in the order and with the messages of Realtime.
 * Source: supabase/realtime, lib/realtime_web/channels/auth/.
 */
import { compactVerify, decodeProtectedHeader, errors } from "jose";
import { RealtimeError } from "../errors.ts";
import { isObject, type JsonObject } from "../json.ts";
import { ALGORITHMS, createKeyFinder, type ProjectKeys } from "./keys.ts";

export interface Claims extends JsonObject {
  role: string;
  /** Seconds since the epoch. */
  exp: number;
}

export type VerifyToken = (token: string) => Promise<Claims>;

/** Makes a verifier for tokens that were signed with one of a project's keys. It rejects with a `RealtimeError`. */
export function createTokenVerifier(keys: ProjectKeys, now: () => number): VerifyToken {
  const keyFor = createKeyFinder(keys);

  return async (token) => {
    const compact = token.replace(/\s/g, "");
    const key = await keyFor(readHeader(compact));
    const claims = await verifiedPayload(compact, key);
    return requireClaims(claims, Math.floor(now() / 1000));
  };
}

/** Verifies tokens as `verify` does, and refuses those of other roles. */
export function ofRoles(verify: VerifyToken, isAllowed: (role: string) => boolean): VerifyToken {
  return async (token) => {
    const claims = await verify(token);
    if (isAllowed(claims.role)) return claims;
    throw new RealtimeError("Unauthorized", `Tokens of role ${claims.role} are not accepted from this page`);
  };
}

function readHeader(token: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(token);
  } catch (error) {
    throw malformed(error);
  }
}

async function verifiedPayload(
  token: string,
  key: Awaited<ReturnType<ReturnType<typeof createKeyFinder>>>,
): Promise<unknown> {
  try {
    const { payload } = await compactVerify(token, key, { algorithms: ALGORITHMS });
    return JSON.parse(new TextDecoder().decode(payload));
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      throw new RealtimeError("JwtSignatureError", "Failed to validate JWT signature");
    }
    throw malformed(error);
  }
}

function requireClaims(claims: unknown, now: number): Claims {
  if (!isObject(claims)) throw malformed();
  const { exp, role } = claims;
  if (typeof exp === "number" && exp <= now) throw expiredAt(Math.round(exp), now);
  if (exp === undefined || role === undefined) {
    throw new RealtimeError("InvalidJWTToken", "Fields `role` and `exp` are required in JWT");
  }
  if (typeof exp !== "number") {
    throw new RealtimeError("InvalidJWTToken", "Token expiration time is invalid");
  }
  return { ...claims, exp: Math.round(exp), role: String(role) };
}

/** The refusal of a token that expired at `exp`; both in seconds. */
export function expiredAt(exp: number, now: number): RealtimeError {
  return new RealtimeError("InvalidJWTToken", `Token has expired ${now - exp} seconds ago`);
}

function malformed(cause?: unknown): RealtimeError {
  const error = new RealtimeError("MalformedJWT", "The token provided is not a valid JWT");
  error.cause = cause;
  return error;
}
