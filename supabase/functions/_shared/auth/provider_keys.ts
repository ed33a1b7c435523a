import type { JWTVerifyGetKey } from "jose";
import { environment } from "../environment.ts";
import { createResolve } from "../net/target.ts";
import { createKeySets } from "./key_sets.ts";
import { loadKeySet } from "./load_key_set.ts";

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
