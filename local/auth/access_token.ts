/** Access tokens: made for sessions, verified when they come back. Source: supabase/auth, internal/api/auth.go. */
import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { AuthError } from "./answers.ts";
import type { UserRow } from "./users.ts";

export interface SessionRow {
  id: string;
  user_id: string;
  aal: string;
  /** How the user signed in; the time in seconds since the epoch. */
  amr: { method: string; timestamp: number }[];
}

export interface AccessTokens {
  seconds: number;
  /** `expiresAt` in seconds since the epoch. */
  sign(user: UserRow, session: SessionRow): Promise<{ token: string; expiresAt: number }>;
  /** The claims of a token of this project; throws `bad_jwt`. */
  verify(token: string): Promise<JWTPayload>;
}

export function createAccessTokens(
  { secret, issuer, seconds }: { secret: string; issuer: string; seconds: number },
): AccessTokens {
  const key = new TextEncoder().encode(secret);

  return {
    seconds,
    async sign(user, session) {
      const issuedAt = Math.floor(Date.now() / 1000);
      const expiresAt = issuedAt + seconds;
      const token = await new SignJWT({
        iss: issuer,
        sub: user.id,
        aud: user.aud,
        exp: expiresAt,
        iat: issuedAt,
        email: user.email ?? "",
        phone: user.phone ?? "",
        app_metadata: user.raw_app_meta_data ?? {},
        user_metadata: user.raw_user_meta_data ?? {},
        role: user.role,
        aal: session.aal,
        amr: session.amr,
        session_id: session.id,
        is_anonymous: user.is_anonymous,
      }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(key);
      return { token, expiresAt };
    },
    async verify(token) {
      try {
        return (await jwtVerify(token, key, { algorithms: ["HS256"] })).payload;
      } catch (error) {
        const message = `invalid JWT: unable to parse or verify signature, ${reason(error)}`;
        throw new AuthError(403, "bad_jwt", message);
      }
    },
  };
}

/** In the words of Auth's JWT library. */
function reason(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "token has invalid claims: token is expired";
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return "token signature is invalid: signature is invalid";
  }
  return "token is malformed";
}
