import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import { createTokenVerifier, type VerifyToken } from "../../../../../local/realtime/auth/token.ts";

const SECRET = "a-secret-with-at-least-32-characters-in-it";
const SHARED = "another-secret-with-at-least-32-characters";
const NOW_S = 1_800_000_000;
const PUBLISHED = ["RS256", "ES256", "ES384", "EdDSA"] as const;
type Published = typeof PUBLISHED[number];

let pairs: Record<Published, CryptoKey>;
let verify: VerifyToken;
beforeAll(async () => {
  const jwks: JWK[] = [
    { kty: "oct", kid: "shared", k: Buffer.from(SHARED).toString("base64url") },
    { kty: "OKP", kid: "unfit", crv: "X25519", x: "A".repeat(43) },
  ];
  const made = await Promise.all(PUBLISHED.map(async (alg) => {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    jwks.push({ ...await exportJWK(privateKey), kid: `my-${alg}` });
    return [alg, privateKey] as const;
  }));
  pairs = Object.fromEntries(made) as typeof pairs;
  verify = createTokenVerifier({ secret: SECRET, jwks }, () => NOW_S * 1000);
});

function signed(alg: string, key: CryptoKey | Uint8Array, kid?: string): Promise<string> {
  return new SignJWT({ role: "authenticated", exp: NOW_S + 60 })
    .setProtectedHeader({ alg, typ: "JWT", ...(kid && { kid }) }).sign(key);
}

const secretKey = (secret: string) => new TextEncoder().encode(secret);
const signer = (kid?: string) =>
  `JwtSignerError: Failed to generate JWT signer${
    kid ? ` for key ID (kid) "${kid}"` : ""
  }, check your JWT secret or JWKS configuration`;

test.each(PUBLISHED)("a token signed with %s is verified by the key that it names", async (alg) => {
  expect(await verify(await signed(alg, pairs[alg], `my-${alg}`))).toMatchObject({ role: "authenticated" });
});

test("a secret among the keys verifies tokens that name it; others are verified by the project's own", async () => {
  expect(await verify(await signed("HS256", secretKey(SHARED), "shared"))).toBeDefined();
  expect(await verify(await signed("HS256", secretKey(SECRET), "made up"))).toBeDefined();
  await expect(verify(await signed("HS256", secretKey(SECRET), "shared"))).rejects.toMatchObject({
    reason: "JwtSignatureError: Failed to validate JWT signature",
  });
});

test.each(
  [
    ["names a key that is not there", "ES256", "made up", signer("made up")],
    ["names a key of another kind", "ES256", "my-RS256", signer("my-RS256")],
    ["names a key of another curve", "ES256", "my-ES384", signer("my-ES384")],
    ["names a key that cannot sign", "EdDSA", "unfit", signer("unfit")],
    ["names none", "ES256", undefined, signer()],
  ] as const,
)("a token that %s is refused", async (_case, alg, kid, reason) => {
  await expect(verify(await signed(alg, pairs[alg], kid))).rejects.toMatchObject({ reason });
});

test("a token signed with another key than the one it names is refused", async () => {
  const { privateKey } = await generateKeyPair("ES256");
  await expect(verify(await signed("ES256", privateKey, "my-ES256"))).rejects.toMatchObject({
    reason: "JwtSignatureError: Failed to validate JWT signature",
  });
});
