import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { HeddleError } from "../../../../shared/errors.ts";
import { createBoundedMap } from "../../../../shared/bounded_map.ts";
import { environment } from "../environment.ts";
import { createResolve } from "../net/target.ts";
import { loadKeySet } from "./load_key_set.ts";

const FRESH_MS = 10 * 60_000;
/** How long keys still count whose provider does not answer. */
const STALE_MS = 60 * 60_000;
/** Between two tries: neither tokens with made-up key ids nor a provider that is down may make us ask more often. */
const PAUSE_MS = 30_000;
const MAX_KEY_SETS = 100;

export interface KeySetsOptions {
  /** The keys at that URL. Rejects if they can't be had. */
  load(jwksUrl: string): Promise<JSONWebKeySet>;
  /** Milliseconds. */
  now(): number;
}

interface KeySet {
  keys?: JWTVerifyGetKey;
  /** Milliseconds: when the load began that gave these keys. */
  loadedAt: number;
  triedAt: number;
  /** Why the latest try gave no keys. */
  failure?: unknown;
  loading?: Promise<void>;
}

/**
 * Remembers the keys of identity providers: for ten minutes, or until a token names a key that is not among them, but a
 * provider is asked at most every 30 seconds. The functions it returns throw `source_failed` if there are no keys.
 */
export function createKeySets({ load, now }: KeySetsOptions) {
  // A set that made room for another would be asked for again with its next token: its pause must be over.
  const sets = createBoundedMap<string, KeySet>({ maxSize: MAX_KEY_SETS, keepMs: PAUSE_MS, now });

  function setOf(jwksUrl: string): KeySet {
    return sets.get(jwksUrl) ?? { loadedAt: -Infinity, triedAt: -Infinity };
  }

  /** Shared by all who ask meanwhile. */
  function renew(jwksUrl: string, set: KeySet): Promise<void> {
    if (set.loading) return set.loading;
    const startedAt = now();
    if (startedAt - set.triedAt < PAUSE_MS) return Promise.resolve();
    set.triedAt = startedAt;
    sets.set(jwksUrl, set);
    set.loading = load(jwksUrl).then(createLocalJWKSet).then(
      (keys) => Object.assign(set, { keys, loadedAt: startedAt, failure: undefined }),
      (failure: unknown) => Object.assign(set, { failure }),
    ).then(() => {
      set.loading = undefined;
    });
    return set.loading;
  }

  function keysOf({ keys, loadedAt, failure }: KeySet): JWTVerifyGetKey {
    if (keys && now() - loadedAt < STALE_MS) return keys;
    throw new HeddleError("source_failed", "The keys of the agent's identity provider could not be read.", {
      cause: failure,
    });
  }

  return (jwksUrl: string): JWTVerifyGetKey => async (header, token) => {
    const set = setOf(jwksUrl);
    if (now() - set.loadedAt >= FRESH_MS) await renew(jwksUrl, set);
    const keys = keysOf(set);
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // The provider may have rotated its keys.
      await renew(jwksUrl, set);
      return await keysOf(set)(header, token);
    }
  };
}

/** Finds a token's key among those at the URL, remembered for all requests of this isolate. */
export const providerKeys: (jwksUrl: string) => JWTVerifyGetKey = createKeySets({
  load: (jwksUrl) =>
    loadKeySet(jwksUrl, {
      fetch: globalThis.fetch,
      resolve: createResolve(Deno),
      privateHosts: environment().privateWebhookHosts,
    }),
  now: Date.now,
});
