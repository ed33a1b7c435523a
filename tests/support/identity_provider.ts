import { createServer, type ServerResponse } from "node:http";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from "jose";
import { listen } from "./listen.ts";

export type ProviderAlg = "RS256" | "ES256" | "EdDSA";

interface ProviderKey {
  alg: ProviderAlg;
  privateKey: CryptoKey;
  publicKey: CryptoKey;
  jwk: JWK;
}

/** An identity provider with a key for each algorithm, whose id is the algorithm's name. */
export interface IdentityProvider {
  jwksUrl: string;
  issuer: string;
  audience: string;
  /** What an agent's `identity` holds for this provider. */
  identity(overrides?: Record<string, unknown>): Record<string, unknown>;
  /** How often its keys were asked for. */
  readonly requests: number;
  /** The published keys; a test may change them. */
  readonly published: JWK[];
  readonly keys: Record<ProviderAlg, ProviderKey>;
  /** A token as the provider would sign it; `undefined` takes a claim away. */
  token(
    alg: ProviderAlg,
    claims?: Record<string, unknown>,
    header?: Record<string, unknown>,
  ): Promise<string>;
  /** The public key in the form in which a library might take it for an HMAC secret. */
  publicKeyPem(alg: ProviderAlg): Promise<string>;
  /** From now on its keys are asked for in vain, or `null`: no more. */
  answer(answer: ((response: ServerResponse) => void) | null): void;
  stop(): Promise<void>;
}

export async function newProviderKey(alg: ProviderAlg, kid: string): Promise<ProviderKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, privateKey, publicKey, jwk: { ...await exportJWK(publicKey), kid, alg, use: "sig" } };
}

export async function newProviderKeys(): Promise<Record<ProviderAlg, ProviderKey>> {
  const [RS256, ES256, EdDSA] = await Promise.all([
    newProviderKey("RS256", "RS256"),
    newProviderKey("ES256", "ES256"),
    newProviderKey("EdDSA", "EdDSA"),
  ]);
  return { RS256, ES256, EdDSA };
}

/** `made`: keys that several providers share, since an RSA key takes longer to make than a test. */
export async function startIdentityProvider(made = newProviderKeys()): Promise<IdentityProvider> {
  const keys = await made;
  const published = [keys.RS256.jwk, keys.ES256.jwk, keys.EdDSA.jwk].map((jwk) => ({ ...jwk }));
  let special: ((response: ServerResponse) => void) | null = null;
  let requests = 0;

  const server = createServer((_, response) => {
    requests++;
    if (special) return special(response);
    response.writeHead(200, { "content-type": "application/jwk-set+json" }).end(
      JSON.stringify({ keys: published }),
    );
  });
  const { url, stop } = await listen(server);
  const issuer = `${url}/`;
  const jwksUrl = `${issuer}.well-known/jwks.json`;
  const audience = "heddle-widget";

  return {
    jwksUrl,
    issuer,
    audience,
    identity: (overrides = {}) => ({
      provider: "jwks",
      issuer,
      jwksUrl,
      audience,
      algs: ["RS256", "ES256", "EdDSA"],
      ...overrides,
    }),
    get requests() {
      return requests;
    },
    published,
    keys,
    async token(alg, claims = {}, header = {}) {
      const standard = {
        sub: "shopper-7",
        iss: issuer,
        aud: audience,
        exp: Math.floor(Date.now() / 1000) + 600,
      };
      return await new SignJWT({ ...standard, ...claims })
        .setProtectedHeader({ alg, kid: alg, ...header })
        .sign(keys[alg].privateKey);
    },
    publicKeyPem: (alg) => exportSPKI(keys[alg].publicKey),
    answer(next) {
      special = next;
    },
    stop,
  };
}
