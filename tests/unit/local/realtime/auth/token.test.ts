import { SignJWT } from "jose";
import { expect, test } from "vitest";
import { createTokenVerifier } from "../../../../../local/realtime/auth/token.ts";

const SECRET = "a-secret-with-at-least-32-characters-in-it";
const NOW_S = 1_800_000_000;
const verify = createTokenVerifier({ secret: SECRET }, () => NOW_S * 1000 + 999);
const LATER = NOW_S + 60;

function token(
  claims: Record<string, unknown>,
  { secret = SECRET, ...header }: { secret?: string; alg?: string; typ?: string; kid?: string } = {},
): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "JWT", ...header })
    .sign(new TextEncoder().encode(secret));
}

const unsigned = ["eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", btoa(`{"role":"service_role","exp":${LATER}}`), ""]
  .join(".");

test("a good token gives its claims", async () => {
  const claims = { role: "authenticated", exp: LATER, sub: "u" };
  expect(await verify(await token(claims))).toEqual(claims);
});

test.each(["HS256", "HS384", "HS512"])("%s is accepted", async (alg) => {
  expect(await verify(await token({ role: "anon", exp: LATER }, { alg, secret: SECRET }))).toBeDefined();
});

test("a token needs no typ, and its exp may be a fraction", async () => {
  const untyped = new SignJWT({ role: "anon", exp: LATER + 0.4 }).setProtectedHeader({ alg: "HS256" });
  expect(await verify(await untyped.sign(new TextEncoder().encode(SECRET)))).toMatchObject({ exp: LATER });
});

test("white space in a token is ignored", async () => {
  const [head, rest] = (await token({ role: "anon", exp: LATER })).split(/(?<=^[^.]+\.)/);
  expect(await verify(` ${head}\n${rest} `)).toMatchObject({ role: "anon" });
});

test.each([
  ["nothing", "", "MalformedJWT: The token provided is not a valid JWT"],
  ["no JWT", "sb_secret_x", "MalformedJWT: The token provided is not a valid JWT"],
  [
    "no signature",
    unsigned,
    "JwtSignerError: Failed to generate JWT signer, check your JWT secret or JWKS configuration",
  ],
  [
    "another secret",
    token({ role: "anon", exp: LATER }, { secret: "x".repeat(32) }),
    "JwtSignatureError: Failed to validate JWT signature",
  ],
  ["expired now", token({ role: "anon", exp: NOW_S }), "InvalidJWTToken: Token has expired 0 seconds ago"],
  ["expired long ago", token({ exp: NOW_S - 90 }), "InvalidJWTToken: Token has expired 90 seconds ago"],
  ["no role", token({ exp: LATER }), "InvalidJWTToken: Fields `role` and `exp` are required in JWT"],
  ["no exp", token({ role: "anon" }), "InvalidJWTToken: Fields `role` and `exp` are required in JWT"],
  [
    "an exp that is no time",
    token({ role: "anon", exp: String(LATER) }),
    "InvalidJWTToken: Token expiration time is invalid",
  ],
])("%s is refused with Realtime's reason", async (_case, given, reason) => {
  await expect(verify(await given)).rejects.toMatchObject({ reason });
});
