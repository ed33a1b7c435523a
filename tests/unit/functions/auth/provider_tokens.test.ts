import { type CryptoKey, exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeySets } from "../../../../supabase/functions/_shared/auth/key_sets.ts";
import { loadKeySet } from "../../../../supabase/functions/_shared/auth/load_key_set.ts";
import { verifyUserToken } from "../../../../supabase/functions/_shared/auth/user_token.ts";
import {
  type IdentityProvider,
  newProviderKey,
  type ProviderAlg,
  startIdentityProvider,
} from "../../../support/identity_provider.ts";

const ALGS = ["RS256", "ES256", "EdDSA"] as const;
const SIGNING_SECRET = "the-agent's-signing-secret-of-32-characters";

let provider: IdentityProvider;
beforeAll(async () => {
  provider = await startIdentityProvider();
});
afterAll(() => provider.stop());

/** Keys that are asked for anew, so that no test lives off another's. */
function verify(token: string, algs: readonly string[] = ALGS) {
  const keysOf = createKeySets({
    load: (url) =>
      loadKeySet(url, { fetch, resolve: () => Promise.resolve([]), privateHosts: ["127.0.0.1"] }),
    now: Date.now,
  });
  const { issuer, audience, jwksUrl } = provider;
  return verifyUserToken(
    token,
    { provider: "jwks", issuer, audience, algs, keys: keysOf(jwksUrl) },
    Date.now(),
  );
}

const hmac = (secret: string, header: Record<string, unknown> = {}) =>
  new SignJWT(goodClaims()).setProtectedHeader({ alg: "HS256", ...header }).sign(
    new TextEncoder().encode(secret),
  );

const signedBy = (alg: string, key: CryptoKey, header: Record<string, unknown> = {}) =>
  new SignJWT(goodClaims()).setProtectedHeader({ alg, ...header }).sign(key);

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
const goodClaims = () => ({
  sub: "shopper-7",
  iss: provider.issuer,
  aud: provider.audience,
  exp: inSeconds(600),
});

describe("a provider's token", () => {
  it.each(ALGS)("signed with %s tells who the visitor is", async (alg) => {
    expect(await verify(await provider.token(alg, { name: "Ann", email: "ann@shop.example" }))).toEqual({
      id: "shopper-7",
      name: "Ann",
      email: "ann@shop.example",
      tokenIssued: expect.any(Number),
      tokenExpires: expect.any(Number),
    });
  });

  it("may have several audiences, of which the agent's is one", async () => {
    expect((await verify(await provider.token("ES256", { aud: ["other", provider.audience] }))).id).toBe(
      "shopper-7",
    );
  });

  it("gives no e-mail address that the provider has not verified", async () => {
    const token = await provider.token("ES256", { email: "ann@shop.example", email_verified: false });
    expect((await verify(token)).email).toBeUndefined();
  });

  const attacks: [string, () => Promise<string>][] = [
    [
      "alg confusion: HS256 with the RSA public key as its secret",
      async () => hmac(await provider.publicKeyPem("RS256"), { kid: "RS256" }),
    ],
    [
      "alg confusion: HS256 with the EC public key as its secret",
      async () => hmac(await provider.publicKeyPem("ES256"), { kid: "ES256" }),
    ],
    [
      "alg confusion: HS256 with the published JWK as its secret",
      () => hmac(JSON.stringify(provider.published[0]), { kid: "RS256" }),
    ],
    [
      "alg confusion: HS256 with the modulus as its secret",
      () => hmac(provider.published[0]?.n ?? "", { kid: "RS256" }),
    ],
    ["the agent's own signing secret, which counts for another provider", () => hmac(SIGNING_SECRET)],
    ["alg: none", () => Promise.resolve(new UnsecuredJWT(goodClaims()).encode())],
    ["alg: None, in another case", async () => {
      const [, claims] = (await provider.token("RS256")).split(".");
      return `${btoa('{"alg":"None"}').replace(/=+$/, "")}.${claims}.`;
    }],
    ["a stripped signature", async () => (await provider.token("RS256")).replace(/[^.]+$/, "")],
    ["changed claims", async () => {
      const [header, , signature] = (await provider.token("RS256")).split(".");
      const claims = btoa(JSON.stringify({ ...goodClaims(), sub: "admin" })).replace(/=+$/, "");
      return `${header}.${claims}.${signature}`;
    }],
    [
      "an algorithm that the configuration does not name: RS512",
      async () => {
        const sameKey = await importJWK(await exportJWK(provider.keys.RS256.privateKey), "RS512");
        return signedBy("RS512", sameKey as CryptoKey, { kid: "RS256" });
      },
    ],
    [
      "another key of the same algorithm under the provider's key id",
      async () => signedBy("RS256", (await generateKeyPair("RS256")).privateKey, { kid: "RS256" }),
    ],
    [
      "another key under an unknown key id",
      async () => signedBy("ES256", (await generateKeyPair("ES256")).privateKey, { kid: "mine" }),
    ],
    ["a good key under the key id of another algorithm", () => provider.token("ES256", {}, { kid: "RS256" })],
    ["a key that the token brings along (jwk)", async () => {
      const { privateKey, jwk } = await newProviderKey("ES256", "mine");
      return signedBy("ES256", privateKey, { kid: "mine", jwk });
    }],
    [
      "a place where the token says its key is (jku, x5u)",
      async () =>
        signedBy("ES256", (await generateKeyPair("ES256")).privateKey, {
          kid: "mine",
          jku: "https://evil.example/jwks.json",
          x5u: "https://evil.example/cert.pem",
        }),
    ],
    [
      "a key id that climbs out of a path",
      async () => signedBy("ES256", (await generateKeyPair("ES256")).privateKey, { kid: "../../dev/null" }),
    ],
    ["another issuer", () => provider.token("RS256", { iss: "https://evil.example/" })],
    ["an issuer that only begins alike", () => provider.token("RS256", { iss: `${provider.issuer}evil` })],
    ["no issuer", () => provider.token("RS256", { iss: undefined })],
    [
      "the audience of another of the provider's customers",
      () => provider.token("RS256", { aud: "somebody-else" }),
    ],
    ["no audience", () => provider.token("RS256", { aud: undefined })],
    ["an expiry that has passed", () => provider.token("RS256", { exp: inSeconds(-1) })],
    ["no expiry", () => provider.token("RS256", { exp: undefined })],
    ["a start in the future", () => provider.token("RS256", { nbf: inSeconds(60) })],
    ["no sub", () => provider.token("RS256", { sub: undefined })],
    ["an anonymous visitor's id", () => provider.token("RS256", { sub: "anon_7" })],
    ["a control character in its sub", () => provider.token("RS256", { sub: "a\u0000b" })],
    [
      "an extension that must be understood (crit)",
      () =>
        new SignJWT(goodClaims()).setProtectedHeader({ alg: "ES256", kid: "ES256", crit: ["x"], x: 1 })
          .sign(provider.keys.ES256.privateKey, { crit: { x: true } }),
    ],
    ["no form", () => Promise.resolve("not.a.token")],
  ];

  it.each(attacks)("is refused with %s, which the caller is not told", async (_, make) => {
    await expect(verify(await make())).rejects.toMatchObject({
      code: "invalid_user_token",
      status: 401,
      message:
        "userToken must be an unexpired JWT of the agent's identity provider, with a valid sub and an exp.",
    });
  });

  it.each<[ProviderAlg, ProviderAlg]>([["ES256", "RS256"], ["RS256", "EdDSA"]])(
    "signed with %s is refused where only %s is configured",
    async (alg, configured) => {
      await expect(verify(await provider.token(alg), [configured])).rejects.toMatchObject({
        code: "invalid_user_token",
      });
    },
  );

  it("is refused by an agent that verifies with its signing secret, whatever the token is signed with", async () => {
    const trust = { provider: "hs256", secrets: [SIGNING_SECRET] } as const;
    for (const alg of ALGS) {
      const verified = verifyUserToken(await provider.token(alg), trust, Date.now());
      await expect(verified).rejects.toMatchObject({ code: "invalid_user_token" });
    }
  });
});

describe("among the published keys", () => {
  const publishing = async (jwk: Record<string, unknown>, work: () => Promise<void>) => {
    provider.published.push(jwk as (typeof provider.published)[number]);
    await work().finally(() => provider.published.pop());
  };

  it("a shared secret (oct) signs nothing", () =>
    publishing({ kty: "oct", kid: "shared", k: btoa(SIGNING_SECRET) }, async () => {
      await expect(verify(await hmac(SIGNING_SECRET, { kid: "shared" }))).rejects.toMatchObject({
        code: "invalid_user_token",
      });
    }));

  it("a key for encryption signs nothing", async () => {
    const { privateKey, jwk } = await newProviderKey("ES256", "encryption");
    await publishing({ ...jwk, use: "enc" }, async () => {
      const token = await signedBy("ES256", privateKey, { kid: "encryption" });
      await expect(verify(token)).rejects.toMatchObject({ code: "invalid_user_token" });
    });
  });

  it("a broken key is ignored, and the others keep working", () =>
    publishing({ kty: "EC", crv: "P-256", kid: "broken", alg: "ES256", x: "AA", y: "AA" }, async () => {
      const forged = await signedBy("ES256", (await generateKeyPair("ES256")).privateKey, { kid: "broken" });
      await expect(verify(forged)).rejects.toMatchObject({ code: "invalid_user_token" });
      expect((await verify(await provider.token("ES256"))).id).toBe("shopper-7");
    }));

  it.each<[string, unknown]>([
    ["null", null],
    ["a text", "no key"],
    ["a list", []],
    ["an empty object", {}],
    ["of an unknown type", { kty: "XYZ", kid: "ES256" }],
    ["without its point", { kty: "EC", crv: "P-256", kid: "ES256", alg: "ES256" }],
    ["with a point that is on no curve", { kty: "EC", crv: "P-256", kid: "ES256", x: "AA", y: "AA" }],
    ["with numbers for texts", { kty: "RSA", kid: "RS256", alg: "RS256", n: 1, e: 2 }],
    ["with operations that are no list", {
      kty: "EC",
      crv: "P-256",
      kid: "ES256",
      alg: "ES256",
      key_ops: "verify",
    }],
    ["without a key id", { kty: "EC", crv: "P-256", alg: "ES256", x: "AA", y: "AA" }],
  ])(
    "a malformed one keeps nobody out: %s",
    (_, jwk) =>
      publishing(jwk as Record<string, unknown>, async () => {
        for (const alg of ALGS) {
          expect((await verify(await provider.token(alg))).id).toBe("shopper-7");
          expect((await verify(await provider.token(alg, {}, { kid: undefined }))).id).toBe("shopper-7");
        }
      }),
  );

  it.each(ALGS)("one without an algorithm verifies %s, too", async (alg) => {
    const { privateKey, jwk } = await newProviderKey(alg, "bare");
    const { alg: _, ...bare } = jwk;
    await publishing(bare, async () => {
      expect((await verify(await signedBy(alg, privateKey, { kid: "bare" }))).id).toBe("shopper-7");
    });
  });

  it("of several that fit a token without a key id, any may have signed it", async () => {
    const { privateKey, jwk } = await newProviderKey("ES256", "next");
    await publishing(jwk as Record<string, unknown>, async () => {
      expect((await verify(await signedBy("ES256", privateKey))).id).toBe("shopper-7");
      expect((await verify(await provider.token("ES256", {}, { kid: undefined }))).id).toBe("shopper-7");
      const forged = await signedBy("ES256", (await generateKeyPair("ES256")).privateKey);
      await expect(verify(forged)).rejects.toMatchObject({ code: "invalid_user_token" });
    });
  });

  it("none that can verify a token are as good as none to be had", async () => {
    const published = provider.published.splice(0);
    provider.published.push({ kty: "EC" });
    const verified = verify(await provider.token("ES256"));
    await expect(verified).rejects.toMatchObject({ code: "source_failed" });
    provider.published.splice(0, 1, ...published);
  });
});
