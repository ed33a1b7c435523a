import { type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { verifiedCall } from "../../../demo/heddle/signature.ts";

/** Long enough for HS512, too. */
const SECRET = `whsec_${Buffer.alloc(64, "ab").toString("base64")}`;
const ANOTHER = "whsec_YW5vdGhlciBzZWNyZXQgYWx0b2dldGhlcg==";
const AGENT = "a0000000-0000-4000-8000-000000000001";
const URL_OF_SHOP = "https://shop.example/heddle/messages?action=get_items&endUserId=somebody-else";
const verifier = { agentId: AGENT, webhookSecret: SECRET };
const now = () => Math.floor(Date.now() / 1000);

async function identity(claims: JWTPayload = {}, secret = SECRET, alg = "HS256"): Promise<string> {
  const usual = { iss: "heddle", aud: AGENT, sub: "ada", action: "get_items", iat: now(), exp: now() + 60 };
  const key = new TextEncoder().encode(secret);
  return await new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg }).sign(key);
}

function get(token: string, previous?: string): Request {
  return new Request(URL_OF_SHOP, {
    headers: { "x-heddle-identity": token, ...(previous ? { "x-heddle-identity-previous": previous } : {}) },
  });
}

interface Posted {
  secrets?: string[];
  /** Seconds from now. */
  at?: number;
  sent?: string;
  without?: string;
}

function post(body: string, { secrets = [SECRET], at = 0, sent = body, without = "" }: Posted = {}): Request {
  const time = new Date(Date.now() + at * 1000);
  const headers = new Headers({
    "webhook-id": "msg_1",
    "webhook-timestamp": String(Math.floor(time.getTime() / 1000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret).sign("msg_1", time, body)).join(" "),
  });
  if (without) headers.delete(without);
  return new Request(URL_OF_SHOP, { method: "POST", body: sent, headers });
}

const WRITE = JSON.stringify({
  action: "create_item",
  body: "Grüße 🌿",
  endUser: { id: "ada", name: "Ada" },
});

describe("the shop's check of a read", () => {
  it("takes action, visitor and item from the identity, whatever the query says", async () => {
    const claims = {
      action: "item_clicked",
      itemId: "fern",
      cursor: "24",
      name: "Ada",
      email: "ada@shop.example",
    };
    expect(await verifiedCall(get(await identity(claims)), verifier)).toEqual({
      action: "item_clicked",
      itemId: "fern",
      cursor: "24",
      visitor: { id: "ada", name: "Ada", email: "ada@shop.example" },
    });
  });

  it("accepts either of two identities while a secret is being rotated", async () => {
    const rotating = get(await identity({}, ANOTHER), await identity());
    expect(await verifiedCall(rotating, verifier)).toMatchObject({ visitor: { id: "ada" } });
    expect(await verifiedCall(rotating, { ...verifier, webhookSecret: ANOTHER })).toMatchObject({
      visitor: { id: "ada" },
    });
  });

  it.each([
    ["no identity", () => ""],
    ["another secret", () => identity({}, ANOTHER)],
    ["another agent's", () => identity({ aud: AGENT.replace("a", "b") })],
    ["another issuer", () => identity({ iss: "somebody" })],
    ["one that has expired", () => identity({ exp: now() - 61 })],
    ["one that never expires", () => identity({ exp: undefined })],
    ["another algorithm", () => identity({}, SECRET, "HS512")],
    ["no algorithm", () => new UnsecuredJWT({ iss: "heddle", aud: AGENT, sub: "ada" }).encode()],
    ["that of a write", () => identity({ action: "create_item" })],
  ])("refuses %s", async (_, token) => {
    await expect(verifiedCall(get(await token()), verifier)).rejects.toMatchObject({ status: 401 });
  });

  it("accepts one that has just expired by the shop's clock", async () => {
    const token = await identity({ exp: now() - 30 });
    expect(await verifiedCall(get(token), verifier)).toMatchObject({ visitor: { id: "ada" } });
  });
});

describe("the shop's check of a write", () => {
  it("takes what the signed body says", async () => {
    expect(await verifiedCall(post(WRITE), verifier)).toEqual({
      action: "create_item",
      body: "Grüße 🌿",
      visitor: { id: "ada", name: "Ada" },
    });
  });

  it("answers 400 to a signed body that can't be read", async () => {
    for (const body of ["{", "[1,"]) {
      await expect(verifiedCall(post(body), verifier)).rejects.toMatchObject({ status: 400 });
    }
  });

  it("accepts either of two signatures while a secret is being rotated", async () => {
    const rotating = { secrets: [ANOTHER, SECRET] };
    expect(await verifiedCall(post(WRITE, rotating), verifier)).toMatchObject({ visitor: { id: "ada" } });
  });

  it.each<[string, Posted]>([
    ["another secret", { secrets: [ANOTHER] }],
    ["a changed body", { sent: WRITE.replace("ada", "eve") }],
    ["a time more than five minutes ago", { at: -302 }],
    ["a time more than five minutes ahead", { at: 302 }],
    ["no webhook-id", { without: "webhook-id" }],
    ["no webhook-timestamp", { without: "webhook-timestamp" }],
    ["no webhook-signature", { without: "webhook-signature" }],
  ])("refuses %s", async (_, posted) => {
    await expect(verifiedCall(post(WRITE, posted), verifier)).rejects.toMatchObject({ status: 401 });
  });
});
