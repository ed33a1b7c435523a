/**
 * Which key verifies a token: the project's secret, or one of its published keys (JWKS), found by kind and id.
 * Source: supabase/realtime, lib/realtime_web/channels/auth/jwt_verification.ex.
 */
import { base64url, type CryptoKey, importJWK, type JWK } from "jose";
import { RealtimeError } from "../errors.ts";

export interface ProjectKeys {
  /** Of HS256 tokens. */
  secret: string;
  /** The keys of tokens that name theirs (`kid`). */
  jwks?: JWK[];
}

type VerificationKey = CryptoKey | Uint8Array;

const KINDS = new Map([
  ...["HS256", "HS384", "HS512"].map((alg) => [alg, "oct"] as const),
  ...["RS256", "RS384", "RS512"].map((alg) => [alg, "RSA"] as const),
  ...["ES256", "ES384", "ES512"].map((alg) => [alg, "EC"] as const),
  ...["EdDSA", "Ed25519"].map((alg) => [alg, "OKP"] as const),
]);

export const ALGORITHMS = [...KINDS.keys()];

/** Finds the key that a token's header asks for; rejects with `JwtSignerError` where there is none. */
export function createKeyFinder({ secret, jwks = [] }: ProjectKeys) {
  const secretKey = new TextEncoder().encode(secret);

  return async ({ alg = "", kid }: { alg?: string; kid?: unknown }): Promise<VerificationKey> => {
    const kind = KINDS.get(alg);
    const id = typeof kid === "string" ? kid : undefined;
    const key = jwks.find((jwk) => id !== undefined && jwk.kty === kind && jwk.kid === id);
    if (kind === "oct") return key?.k ? base64url.decode(key.k) : secretKey;
    if (!key) throw unknownKey(kind && id);
    return await importedKey(key, alg);
  };
}

async function importedKey(key: JWK, alg: string): Promise<VerificationKey> {
  try {
    return await importJWK(publicPart(key), alg);
  } catch (cause) {
    throw Object.assign(unknownKey(key.kid), { cause }); // a curve that is not this algorithm's
  }
}

/** Signing keys hold their private half too, which cannot verify. */
function publicPart({ d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, key_ops: _ops, ...rest }: JWK): JWK {
  return rest;
}

function unknownKey(kid: string | undefined): RealtimeError {
  const which = kid === undefined ? "" : ` for key ID (kid) "${kid}"`;
  return new RealtimeError(
    "JwtSignerError",
    `Failed to generate JWT signer${which}, check your JWT secret or JWKS configuration`,
  );
}
