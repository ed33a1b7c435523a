import { errors, type JWTPayload, jwtVerify } from "jose";
import { HeddleError } from "../../../../shared/errors.ts";
import { idProblem } from "../../../../shared/ids.ts";

/** For clocks that disagree about "not before"; expiry is exact, since a session never outlives its token. */
const LEEWAY_SECONDS = 5;
const ANONYMOUS_PREFIX = "anon_";
const MAX_EMAIL_CHARACTERS = 320;
const MAX_NAME_CHARACTERS = 200;
const CONTROL_CHARACTER = /\p{Cc}/u;

/** A visitor whom the owner vouches for. */
export interface IdentifiedUser {
  id: string;
  /** Absent if the owner says that it is not verified. */
  email?: string;
  name?: string;
  /** Seconds since the epoch. */
  tokenExpires: number;
}

/**
 * Verifies an owner's HS256 token. The algorithm is fixed here and never read from the token.
 * `secrets`: the agent's signing secrets that count now. `now` in milliseconds. Throws `invalid_user_token`, which never
 * tells what was wrong with it.
 */
export async function verifyUserToken(
  token: string,
  secrets: readonly string[],
  now: number,
): Promise<IdentifiedUser> {
  for (const secret of secrets) {
    const payload = await verifiedPayload(token, secret, now);
    const user = payload && identifiedUser(payload, now);
    if (user) return user;
  }
  throw new HeddleError(
    "invalid_user_token",
    "userToken must be an unexpired HS256 JWT, signed with the agent's signing secret, with a valid sub and an exp.",
  );
}

async function verifiedPayload(token: string, secret: string, now: number): Promise<JWTPayload | null> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
      algorithms: ["HS256"],
      clockTolerance: LEEWAY_SECONDS,
      currentDate: new Date(now),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return null;
    throw error;
  }
}

function identifiedUser(claims: JWTPayload, now: number): IdentifiedUser | null {
  const { sub, exp } = claims;
  if (typeof exp !== "number" || exp * 1000 <= now) return null;
  if (typeof sub !== "string" || idProblem(sub) !== null || sub.startsWith(ANONYMOUS_PREFIX)) return null;
  return {
    id: sub,
    email: verifiedEmail(claims),
    name: text(claims.name, MAX_NAME_CHARACTERS),
    tokenExpires: exp,
  };
}

function verifiedEmail(claims: JWTPayload): string | undefined {
  // Amazon Cognito writes the claim as a string.
  if (claims.email_verified === false || claims.email_verified === "false") return undefined;
  return text(claims.email, MAX_EMAIL_CHARACTERS);
}

function text(value: unknown, maxCharacters: number): string | undefined {
  if (typeof value !== "string" || value === "" || value.length > maxCharacters) return undefined;
  return CONTROL_CHARACTER.test(value) || !value.isWellFormed() ? undefined : value;
}
