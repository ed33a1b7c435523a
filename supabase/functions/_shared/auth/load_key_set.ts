import { importJWK, type JSONWebKeySet, type JWK } from "jose";
import { parseJson } from "../http/body.ts";
import { leaveBody, readBytes, within } from "../http/in_time.ts";
import { targetProblem, type TargetRules } from "../net/target.ts";

const TIMEOUT_MS = 5_000;
/** Large ones, with certificates, have some 30 KiB. */
const MAX_BYTES = 256 * 1024;

export interface KeySetSource extends TargetRules {
  fetch: typeof globalThis.fetch;
  /** Milliseconds; 5 seconds if not given. */
  timeoutMs?: number;
}

/**
 * The keys that an identity provider publishes at `jwksUrl`. Held to the rules of webhooks: https and public addresses
 * only, no redirects, a limit of time and of decompressed bytes. Throws whatever stands in the way.
 */
export async function loadKeySet(jwksUrl: string, source: KeySetSource): Promise<JSONWebKeySet> {
  const signal = AbortSignal.timeout(source.timeoutMs ?? TIMEOUT_MS);
  return await within(signal, load(new URL(jwksUrl), source, signal));
}

async function load(url: URL, source: KeySetSource, signal: AbortSignal): Promise<JSONWebKeySet> {
  const problem = await targetProblem(url, source, signal, "JWKS");
  if (problem !== null) throw new Error(problem.detail);
  const response = await source.fetch(url, {
    headers: { accept: "application/jwk-set+json, application/json" },
    redirect: "manual",
    signal,
  });
  if (response.status !== 200) {
    leaveBody(response);
    throw new Error(`the JWKS must be answered with 200, not ${response.status}`);
  }
  const answer = parseJson(await readBytes(response.body, MAX_BYTES, signal), "The JWKS");
  const keys = keysIn(answer);
  if (keys === null) throw new Error("the JWKS must be an object with an array of keys");
  const usable = (await Promise.all(keys.map(publicKey))).filter((key) => key !== null);
  if (keys.length > 0 && usable.length === 0) throw new Error("none of the JWKS's keys can verify a token");
  return { keys: usable };
}

function keysIn(answer: unknown): unknown[] | null {
  const keys = typeof answer === "object" && answer !== null && "keys" in answer ? answer.keys : null;
  return Array.isArray(keys) ? keys : null;
}

/** The algorithm to try a key with that names none. */
const ALG_OF: Record<string, string> = {
  "RSA": "RS256",
  "EC P-256": "ES256",
  "EC P-384": "ES384",
  "EC P-521": "ES512",
  "OKP Ed25519": "EdDSA",
};

/**
 * A published key as it can verify signatures; `null` for one that is malformed, of an unknown kind or not public. A set may hold
 * some of these (RFC 7517, 5): left among the others, one would make a token refused that another key verifies.
 */
async function publicKey(published: unknown): Promise<JWK | null> {
  if (typeof published !== "object" || published === null) return null;
  const key: JWK = { ...published };
  const alg = key.alg ?? ALG_OF[key.kty === "RSA" ? "RSA" : `${key.kty} ${key.crv}`];
  try {
    const imported = await importJWK(key, alg);
    return imported instanceof Uint8Array || imported.type !== "public" ? null : key;
  } catch {
    return null; // as the docstring says
  }
}
