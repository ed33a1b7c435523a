import { SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import { verifyUserToken } from "../../../../supabase/functions/_shared/auth/user_token.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const SECONDS = NOW / 1000;
const TEN_YEARS = 10 * 366 * 24 * 60 * 60;
const SECRET = "the-agent's-signing-secret";

type Claims = Record<string, unknown>;

async function token(claims: Claims, { secret = SECRET, alg = "HS256" } = {}): Promise<string> {
  const standard = { sub: "shopper-7", exp: SECONDS + 600 };
  return await new SignJWT({ ...standard, ...claims })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret));
}

const verify = (text: string, secrets = [SECRET]) =>
  verifyUserToken(text, { provider: "hs256", secrets }, NOW);

describe("an owner's user token", () => {
  it("tells who the visitor is", async () => {
    expect(await verify(await token({ email: "ann@shop.example", name: "Ann" }))).toEqual({
      id: "shopper-7",
      email: "ann@shop.example",
      name: "Ann",
      tokenIssued: SECONDS,
      tokenExpires: SECONDS + 600,
    });
  });

  it.each([false, "false", "False", 0, "0", null, "", "no", {}, ["true"]])(
    "keeps an e-mail to itself when email_verified is %o",
    async (verified) => {
      const user = await verify(await token({ email: "ann@shop.example", email_verified: verified }));
      expect(user.email).toBeUndefined();
    },
  );

  it.each([undefined, true, "true", "TRUE", 1, "1"])("forwards an e-mail when it is %o", async (verified) => {
    const user = await verify(await token({ email: "ann@shop.example", email_verified: verified }));
    expect(user.email).toBe("ann@shop.example");
  });

  it.each([42, "", "a\nb", "x".repeat(400)])("leaves out a name or e-mail like %o", async (value) => {
    const user = await verify(await token({ email: value, name: value }));
    expect(user).toEqual({ id: "shopper-7", tokenIssued: SECONDS, tokenExpires: SECONDS + 600 });
  });

  it("forwards an e-mail of up to 320 bytes", async () => {
    const emailOf = async (email: string) => (await verify(await token({ email }))).email;
    for (const email of ["x".repeat(320), `${"日".repeat(106)}xx`]) expect(await emailOf(email)).toBe(email);
    expect(await emailOf("日".repeat(107))).toBeUndefined();
  });

  it("may be signed with the previous secret while that counts", async () => {
    const old = await token({}, { secret: "old" });
    expect((await verify(old, [SECRET, "old"])).id).toBe("shopper-7");
    await expect(verify(old)).rejects.toMatchObject({ code: "invalid_user_token" });
  });

  it.each([
    [SECONDS - 60, SECONDS - 60],
    [SECONDS - 0.5, SECONDS - 0.5],
    [SECONDS + 60, SECONDS],
    [NOW, SECONDS],
    [-1e300, 0],
    [undefined, SECONDS],
  ])("that was issued at %s counts from %d", async (iat, from) => {
    expect((await verify(await token({ iat }))).tokenIssued).toBe(from);
  });

  it.each([60, 365 * 24 * 60 * 60, TEN_YEARS])("may live for %i seconds", async (lifetime) => {
    const user = await verify(await token({ exp: SECONDS + lifetime }));
    expect(user.tokenExpires).toBe(SECONDS + lifetime);
  });

  const refused: [string, () => Promise<string>][] = [
    ["another signature", () => token({}, { secret: "another secret" })],
    ["a time of issue that is none", () => token({ iat: "today" })],
    ["another algorithm of the same family", () => token({}, { alg: "HS512" })],
    [
      "no algorithm",
      () => Promise.resolve(new UnsecuredJWT({ sub: "shopper-7", exp: SECONDS + 600 }).encode()),
    ],
    ["a stripped signature", async () => (await token({})).replace(/[^.]+$/, "")],
    ["a changed payload", async () => {
      const [header, , signature] = (await token({})).split(".");
      return `${header}.${btoa('{"sub":"admin","exp":9999999999}')}.${signature}`;
    }],
    ["an expiry that has passed", () => token({ exp: SECONDS - 1 })],
    ["an expiry that passes now", () => token({ exp: SECONDS })],
    ["an expiry in milliseconds", () => token({ exp: NOW + 600_000 })],
    ["an expiry that is further away than any session needs", () => token({ exp: SECONDS + TEN_YEARS + 1 })],
    ["no expiry", () => token({ exp: undefined })],
    ["an expiry in words", () => token({ exp: "tomorrow" })],
    ["a start in the future", () => token({ nbf: SECONDS + 60 })],
    ["a start in milliseconds", () => token({ nbf: NOW })],
    ["no sub", () => token({ sub: undefined })],
    ["an empty sub", () => token({ sub: "" })],
    ["a sub that is a number", () => token({ sub: 7 })],
    ["a sub with a control character", () => token({ sub: "a\u0000b" })],
    ["a sub of 129 bytes", () => token({ sub: "y".repeat(129) })],
    ["an anonymous visitor's id", () => token({ sub: "anon_7" })],
    ["no JWT at all", () => Promise.resolve("not.a.token")],
    ["nothing", () => Promise.resolve("")],
  ];

  it.each(refused)("with %s is refused", async (_, make) => {
    await expect(verify(await make())).rejects.toMatchObject({ code: "invalid_user_token", status: 401 });
  });

  it("never tells what was wrong with it", async () => {
    const messages = await Promise.all(refused.map(async ([, make]) => {
      return await verify(await make()).then(() => "accepted", (error: Error) => error.message);
    }));
    expect(new Set(messages).size).toBe(1);
  });

  it("may be from a clock that is a few seconds ahead", async () => {
    expect((await verify(await token({ nbf: SECONDS + 3 }))).id).toBe("shopper-7");
  });
});
