import type { JSONWebKeySet } from "jose";
import { parseJson, readBytes } from "../http/body.ts";
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
  // The runtime's resolver may not heed the signal, so the time counts without its help too.
  const timeIsUp = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return await Promise.race([load(new URL(jwksUrl), source, signal), timeIsUp]);
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
    await response.body?.cancel();
    throw new Error(`the JWKS must be answered with 200, not ${response.status}`);
  }
  const answer = parseJson(await readBytes(response.body, MAX_BYTES, signal), "The JWKS");
  if (!isKeySet(answer)) throw new Error("the JWKS must be an object with an array of keys");
  return answer;
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  return typeof value === "object" && value !== null && "keys" in value && Array.isArray(value.keys);
}
