import {
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from "jose";
import { type Attributes, keptAttributes } from "../../../../shared/attributes.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import { idProblem } from "../../../../shared/ids.ts";

/** For clocks that disagree about "not before"; expiry is exact, since a session never outlives its token. */
const LEEWAY_SECONDS = 5;
/** Ten years. Later than that is an `exp` in milliseconds, or a token that was meant never to expire. */
const MAX_LIFETIME_SECONDS = 10 * 366 * 24 * 60 * 60;
const ANONYMOUS_PREFIX = "anon_";
const MAX_EMAIL_CHARACTERS = 320;
const MAX_EMAIL_BYTES = 320;
const MAX_NAME_CHARACTERS = 200;
const CONTROL_CHARACTER = /\p{Cc}/u;

/** A visitor whom the owner's token identifies. */
export interface IdentifiedUser {
  id: string;
  /** Absent if the owner says that it is not verified. */
  email?: string;
  name?: string;
  attributes?: Attributes;
  /** Seconds since the epoch, as all times of a token. Now if it does not say so; never in the future. */
  tokenIssued: number;
  tokenExpires: number;
}

/** What a token is checked against. The algorithms stand here and are never read from the token. */
export type Trust =
  /** The agent's signing secrets that count now. */
  | { provider: "hs256"; secrets: readonly string[] }
  | { provider: "jwks"; issuer: string; audience: string; algs: readonly string[]; keys: JWTVerifyGetKey };

/**
 * The visitor whom an owner's token names. `now` in milliseconds. Throws `invalid_user_token`, which never tells the caller what
 * was wrong with it (the log does), or what `keys` throws if the provider's keys can't be had.
 */
export async function verifyUserToken(token: string, trust: Trust, now: number): Promise<IdentifiedUser> {
  let cause: unknown;
  for (const attempt of attempts(token, trust, now)) {
    try {
      const { payload } = await attempt();
      const user = identifiedUser(payload, now);
      if (user) return user;
      cause = new Error("the token must have a valid sub, and an exp in seconds that lies within ten years");
    } catch (error) {
      if (error instanceof HeddleError) throw error;
      // Besides errors of jose, those of keys that no algorithm takes: a provider may publish any.
      cause = error;
    }
  }
  throw new HeddleError(
    "invalid_user_token",
    "userToken must be an unexpired JWT of the agent's identity provider, with a valid sub and an exp.",
    { cause },
  );
}

/** One way to verify the token for each secret that counts; a provider has one way. */
function attempts(token: string, trust: Trust, now: number): (() => Promise<JWTVerifyResult>)[] {
  const times = { clockTolerance: LEEWAY_SECONDS, currentDate: new Date(now) };
  if (trust.provider === "hs256") {
    return trust.secrets.map((secret) => () =>
      jwtVerify(token, new TextEncoder().encode(secret), { ...times, algorithms: ["HS256"] })
    );
  }
  const { issuer, audience, algs, keys } = trust;
  return [() => verifyWithOne(token, keys, { ...times, issuer, audience, algorithms: [...algs] })];
}

/** A token without a key id, as of a provider with a single key, may fit several keys while that is being replaced: any will do. */
async function verifyWithOne(
  token: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      const result = await jwtVerify(token, key, options).catch(unlessSignatureFailed);
      if (result !== null) return result;
    }
    throw error;
  }
}

function unlessSignatureFailed(error: unknown): null {
  if (error instanceof errors.JWSSignatureVerificationFailed) return null;
  throw error;
}

function identifiedUser(claims: JWTPayload, now: number): IdentifiedUser | null {
  const { sub, iat, exp } = claims;
  if (typeof exp !== "number" || exp * 1000 <= now || exp > now / 1000 + MAX_LIFETIME_SECONDS) return null;
  if (typeof sub !== "string" || idProblem(sub) !== null || sub.startsWith(ANONYMOUS_PREFIX)) return null;
  return {
    id: sub,
    email: addressable(verifiedEmail(claims)),
    name: text(claims.name, MAX_NAME_CHARACTERS),
    attributes: keptAttributes(claims.attributes),
    // By a clock that is ahead no token is to be the newest for days.
    tokenIssued: Math.min(Math.max(iat ?? Infinity, 0), Math.floor(now / 1000)),
    tokenExpires: exp,
  };
}

/** Mail counts an address in octets (RFC 5321, 4.5.3.1), and in a webhook's URL each takes up to three characters. */
function addressable(email: string | undefined): string | undefined {
  return email !== undefined && new TextEncoder().encode(email).length <= MAX_EMAIL_BYTES ? email : undefined;
}

function verifiedEmail(claims: JWTPayload): string | undefined {
  const { email, email_verified: verified } = claims;
  // Databases without booleans write 1, some providers (Amazon Cognito) a word.
  const isVerified = verified === undefined || verified === true || verified === 1 ||
    (typeof verified === "string" && ["true", "1"].includes(verified.toLowerCase()));
  return isVerified ? text(email, MAX_EMAIL_CHARACTERS) : undefined;
}

function text(value: unknown, maxCharacters: number): string | undefined {
  if (typeof value !== "string" || value === "" || value.length > maxCharacters) return undefined;
  return CONTROL_CHARACTER.test(value) || !value.isWellFormed() ? undefined : value;
}
