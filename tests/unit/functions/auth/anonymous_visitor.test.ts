import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  anonymousVisitor,
  visitorClaim,
} from "../../../../supabase/functions/_shared/auth/anonymous_visitor.ts";

const AGENT = "a0000000-0000-4000-8000-000000000001";
const SECRET = "6b".repeat(32);
const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.parse("2026-11-29T12:00:00Z");

/** What is sent, and what comes of it. */
function visit(token: string | null, now = NOW, agentId = AGENT, secret = SECRET) {
  return anonymousVisitor(agentId, secret, token === null ? null : visitorClaim(agentId, token), now);
}

/**
 * Made with openssl: 20 bytes, three of the day, and the first 16 of `openssl dgst -sha256 -hmac <secret>` over both; the id
 * is the beginning of `openssl dgst -sha256` over the agent's id and the 20 bytes.
 */
const VECTORS = [
  {
    agentId: AGENT,
    secret: SECRET,
    at: "2026-11-29T12:00:00Z",
    token: "AQIDBAUGBwgJCgsMDQ4PEBESExQAUTJnTPijtxruTCY9-Wk6yCk1",
    id: "anon_e67a824ab1835aeef5464b193511ca4f",
  },
  {
    agentId: "a0000000-0000-4000-8000-000000000002",
    secret: "ae448ac86c4e8e4dec645729708ef41873ae79c6dff84eff73360989487f08e5",
    at: "2027-01-31T00:00:00Z",
    token: "__________________________8AUXEdFRnIp8zXvr2Zbn1pGbZs",
    id: "anon_ae02250016699147f02e7825465977b7",
  },
];

describe("a visitorToken", () => {
  it.each(VECTORS)("of $at is the visitor $id", ({ agentId, secret, at, token, id }) => {
    expect(visit(token, Date.parse(at), agentId, secret)).toEqual({ id, visitorToken: token });
  });

  it("of a new visitor holds random bytes, the day, and a tag", () => {
    const { id, visitorToken } = visit(null);
    expect(id).toMatch(/^anon_[0-9a-f]{32}$/);
    expect(visitorToken).toMatch(/^[A-Za-z0-9_-]{52}$/);
    const bytes = Buffer.from(visitorToken, "base64url");
    expect(bytes).toHaveLength(20 + 3 + 16);
    expect(bytes.readUIntBE(20, 3)).toBe(20786);
    expect(visit(visitorToken)).toEqual({ id, visitorToken });
    expect(visit(null).id).not.toBe(id);
  });

  it("continues its visitor for 180 days after its day, and not a day longer", () => {
    const { id, visitorToken } = visit(null);
    expect(visit(visitorToken, NOW + 180 * DAY).id).toBe(id);
    const late = visit(visitorToken, NOW + 181 * DAY);
    expect(late.id).not.toBe(id);
    expect(late.visitorToken.slice(0, 26)).not.toBe(visitorToken.slice(0, 26));
  });

  it("is dated anew once a month, and is the same visitor", () => {
    const { id, visitorToken } = visit(null);
    expect(visit(visitorToken, NOW + 29 * DAY)).toEqual({ id, visitorToken });
    const renewed = visit(visitorToken, NOW + 30 * DAY);
    expect(renewed.id).toBe(id);
    expect(renewed.visitorToken).not.toBe(visitorToken);
    expect(visit(renewed.visitorToken, NOW + 210 * DAY).id).toBe(id);
    expect(visit(visitorToken, NOW + 210 * DAY).id).not.toBe(id);
  });

  it("made by a machine whose clock was ahead counts", () => {
    const { id, visitorToken } = visit(null, NOW + 3 * DAY);
    expect(visit(visitorToken)).toEqual({ id, visitorToken });
  });

  it("is nobody's with a single bit changed, wherever that is", () => {
    const { id, visitorToken } = visit(null);
    for (let bit = 0; bit < 39 * 8; bit++) {
      const bytes = Buffer.from(visitorToken, "base64url");
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const changed = visit(bytes.toString("base64url"));
      expect(changed.id, `bit ${bit}`).not.toBe(id);
      expect(changed.visitorToken, `bit ${bit}`).not.toContain(bytes.toString("base64url").slice(0, 26));
    }
  });

  it("of another agent is nobody's, also where both had the same secret by mistake", () => {
    const { id, visitorToken } = visit(null);
    const otherAgent = AGENT.replace(/1$/, "2");
    expect(visit(visitorToken, NOW, otherAgent, "5c".repeat(32)).id).not.toBe(id);
    expect(visit(visitorToken, NOW, otherAgent).id).not.toBe(id);
  });

  it.each([
    ["nothing", ""],
    ["random bytes", randomBytes(39).toString("base64url")],
    ["zeros", "A".repeat(52)],
    ["a token with padding", `${"A".repeat(52)}=`],
    ["plain base64", `${"A".repeat(50)}+/`],
    ["a line break", `${"A".repeat(51)}\n`],
    ["a token and more", "A".repeat(56)],
    ["an id", "anon_e67a824ab1835aeef5464b193511ca4f"],
    ["a JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"],
    ["letters of other scripts", "é".repeat(52)],
  ])("that is %s is a new visitor's", (_, token) => {
    const { id, visitorToken } = visit(token);
    expect(visitorToken).not.toBe(token);
    expect(id).not.toBe(visitorClaim(AGENT, token)?.id);
    expect(visit(visitorToken).id).toBe(id);
  });
});
