import { createHash } from "node:crypto";
import { HeddleError } from "../../../../shared/errors.ts";
import { createBoundedMap } from "../../../../shared/bounded_map.ts";

/** A revoked key is refused after this long at the latest. */
const CACHE_MS = 30_000;
const MAX_CACHED_KEYS = 1_000;
const MAX_KEY_CHARACTERS = 200;

interface KeyContext {
  scopes: readonly string[];
}

export interface ApiKeysOptions<Context> {
  /** By SHA-256 of the key, lowercase hex; `null` if there is none. May charge the sender of the request for that. */
  lookUp(keyHash: string, request: Request): Promise<Context | null>;
  /** Milliseconds. */
  now(): number;
}

/**
 * Checks API keys and remembers for 30 seconds, by hash, the good ones and those that are none. Guesses take no good
 * key's place.
 */
export function createApiKeys<Context extends KeyContext>({ lookUp, now }: ApiKeysOptions<Context>) {
  const cache = createBoundedMap<string, Context>({ maxSize: MAX_CACHED_KEYS, ttlMs: CACHE_MS, now });
  const unknown = createBoundedMap<string, true>({ maxSize: MAX_CACHED_KEYS, ttlMs: CACHE_MS, now });

  /** Throws `missing_api_key`, `invalid_api_key` if it is unknown, revoked or lacks the scope, or what `lookUp` does. */
  async function require(request: Request, scope: string): Promise<Context> {
    const keyHash = apiKeyHash(request);
    if (!keyHash) throw new HeddleError("missing_api_key", "Send the agent's API key as x-api-key.");
    const context = await contextOf(keyHash, request);
    if (context === null || !context.scopes.includes(scope)) throw invalidApiKey();
    return context;
  }

  async function contextOf(hash: string, request: Request): Promise<Context | null> {
    const known = cache.get(hash);
    if (known) return known;
    if (unknown.get(hash)) return null;
    // The answer may be as old as the question.
    const askedAt = now();
    const context = await lookUp(hash, request);
    if (context === null) unknown.set(hash, true, askedAt);
    else cache.set(hash, context, askedAt);
    return context;
  }

  return { require };
}

/** SHA-256 of the key that came with a request, lowercase hex; `null` if none did. Throws `invalid_api_key`. */
export function apiKeyHash(request: Request): string | null {
  const key = request.headers.get("x-api-key");
  if (!key) return null;
  if (key.length > MAX_KEY_CHARACTERS) throw invalidApiKey();
  return createHash("sha256").update(key).digest("hex");
}

/** Says no more than that. */
export function invalidApiKey(): HeddleError {
  return new HeddleError("invalid_api_key", "The API key is unknown or revoked.");
}
