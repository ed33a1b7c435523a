import { decodeJwt, SignJWT, UnsecuredJWT } from "jose";
import { describe, expect, it } from "vitest";
import {
  derivedKey,
  type Session,
  signSession,
  verifySession,
} from "../../../../supabase/functions/_shared/auth/session.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const MINUTE = 60_000;
const key = derivedKey("sb_secret_1", "session");
const session: Session = {
  agentId: "a0000000-0000-4000-8000-000000000001",
  endUser: { id: "shopper-7|🌿", email: "ann@shop.example", name: "Ann" },
  kind: "identified",
  version: 3,
};

describe("a session", () => {
  it("comes back as it was signed", async () => {
    const said = { ...session, attributes: { plan: "Pro" }, tokenIssued: NOW / 1000 - 60 };
    for (const each of [session, said]) {
      const { token } = await signSession(each, key, NOW);
      expect(await verifySession(token, key, NOW + 14 * MINUTE)).toEqual(each);
    }
  });

  it("says who asks, and nothing more", async () => {
    const { token } = await signSession(session, key, NOW);
    expect(decodeJwt(token)).toEqual({
      iss: "heddle",
      agentId: session.agentId,
      sub: "shopper-7|🌿",
      email: "ann@shop.example",
      name: "Ann",
      kind: "identified",
      version: 3,
      iat: NOW / 1000,
      exp: NOW / 1000 + 900,
    });
  });

  it("ends after 15 minutes", async () => {
    const { token, expiresAt } = await signSession(session, key, NOW);
    expect(expiresAt.getTime()).toBe(NOW + 15 * MINUTE);
    await expect(verifySession(token, key, NOW + 15 * MINUTE)).rejects.toMatchObject({
      code: "expired_session",
    });
  });

  it("never outlives the token it was opened with", async () => {
    const { token, expiresAt } = await signSession(session, key, NOW, NOW / 1000 + 60);
    expect(expiresAt.getTime()).toBe(NOW + MINUTE);
    const fraction = await signSession(session, key, NOW, NOW / 1000 + 60.9);
    expect(fraction.expiresAt.getTime()).toBe(NOW + MINUTE);
    await expect(verifySession(token, key, NOW + MINUTE)).rejects.toMatchObject({ code: "expired_session" });
  });

  it("is missed when there is none", async () => {
    await expect(verifySession(null, key, NOW)).rejects.toMatchObject({ code: "missing_session" });
  });

  it("is refused under another key, without an algorithm, or with other claims", async () => {
    const claims = { ...session, iss: "heddle", sub: "1", exp: NOW / 1000 + 60 };
    const signed = (payload: Record<string, unknown>) =>
      new SignJWT(payload).setProtectedHeader({ alg: "HS256" }).sign(key);
    const forged = [
      (await signSession(session, derivedKey("sb_secret_2", "session"), NOW)).token,
      (await signSession(session, derivedKey("sb_secret_1", "address"), NOW)).token,
      new UnsecuredJWT(claims).encode(),
      await signed({ ...claims, iss: "somebody" }),
      await signed({ ...claims, exp: undefined }),
      await signed({ ...claims, agentId: "x" }),
      await signed({ ...claims, version: "3" }),
      await signed({ ...claims, kind: "operator" }),
      "garbage",
    ];
    for (const token of forged) {
      await expect(verifySession(token, key, NOW)).rejects.toMatchObject({ code: "invalid_session" });
    }
    expect((await verifySession(await signed(claims), key, NOW)).endUser.id).toBe("1");
  });
});
