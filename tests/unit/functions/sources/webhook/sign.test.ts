import { readFileSync } from "node:fs";
import { jwtVerify } from "jose";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import {
  identityHeaders,
  requestSigner,
  signatureHeaders,
  type WebhookMessage,
  type WebhookRequest,
} from "../../../../../supabase/functions/_shared/sources/webhook/webhook_request.ts";

interface Secrets {
  current: string;
  previous: string | null;
}

interface IdentityVector extends Secrets {
  message: WebhookMessage & { agentId: string };
  jti: string;
  timestamp: number;
  token: string;
  previousToken: string | null;
}

interface SignatureVector extends Secrets {
  body: string;
  id: string;
  timestamp: number;
  signature: string;
}

/**
 * Made with the command line, of text written by hand:
 *
 * token:      content=$(printf %s '{"alg":"HS256","typ":"JWT"}' | base64url).$(printf %s "$claims" | base64url)
 *             printf %s "$content" | openssl dgst -sha256 -hmac "$secret" -binary | base64url
 * signature:  printf '%s.%s.%s' "$id" "$timestamp" "$body" | openssl dgst -sha256 -mac HMAC \
 *               -macopt "hexkey:$(printf %s "${secret#whsec_}" | base64 -d | xxd -p -c0)" -binary | base64
 */
const vectors: { identities: IdentityVector[]; signatures: SignatureVector[] } = JSON.parse(
  readFileSync(new URL("signature_vectors.json", import.meta.url), "utf8"),
);

const AGENT = "a0000000-0000-4000-8000-000000000001";
const OLD = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const NEW = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;

const message: WebhookMessage = { action: "get_items", tabId: "t", endUser: { id: "ada" } };
const get: WebhookRequest = { method: "GET", url: new URL("https://shop.example/hook"), body: "" };
const post: WebhookRequest = { ...get, method: "POST", body: '{"body":"Grüße 🌿"}' };

/** The claims, if an owner who knows only this secret accepts the token. */
async function claimsOf(token: string | undefined, secret: string) {
  const key = new TextEncoder().encode(secret);
  return (await jwtVerify(token ?? "", key, { algorithms: ["HS256"], audience: AGENT, issuer: "heddle" }))
    .payload;
}

describe("an identity", () => {
  it.each(vectors.identities)("of $message.action agrees with openssl (previous: $previous)", (vector) => {
    const { message, current, previous, jti, timestamp, token, previousToken } = vector;
    const now = timestamp * 1000 + 999;
    expect(identityHeaders(message, { current, previous }, { jti, now })).toEqual({
      "x-heddle-identity": token,
      ...(previousToken === null ? {} : { "x-heddle-identity-previous": previousToken }),
    });
  });

  it("is valid JSON everywhere, whatever a visitor's name holds", () => {
    const endUser = { id: "ada", name: "half \ud83c of a leaf" };
    const headers = identityHeaders(
      { ...message, agentId: AGENT, endUser },
      { current: NEW, previous: null },
      { jti: "1", now: Date.now() },
    );
    const payload = headers["x-heddle-identity"]?.split(".")[1] ?? "";
    expect(Buffer.from(payload, "base64url").toString()).toContain('"name":"half � of a leaf"');
  });
});

describe("a signature", () => {
  it.each(vectors.signatures)("of $body agrees with openssl (previous: $previous)", (vector) => {
    const { body, current, previous, id, timestamp, signature } = vector;
    const now = timestamp * 1000 + 999;
    expect(signatureHeaders(body, { current, previous }, { webhookId: id, now })).toEqual({
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": signature,
    });
  });
});

describe("the headers of a request", () => {
  const sign = (request: WebhookRequest, previous: string | null = null) =>
    requestSigner(request, message, { agentId: AGENT, secrets: { current: NEW, previous } });

  it("hold an identity and no signature on GET", async () => {
    const headers = sign(get)(Date.now());
    expect(Object.keys(headers)).toEqual(["x-heddle-identity"]);
    expect(await claimsOf(headers["x-heddle-identity"], NEW)).toMatchObject({
      sub: "ada",
      action: "get_items",
    });
  });

  it("hold both on POST, the signature of the body alone", async () => {
    const headers = sign(post)(Date.now());
    expect(new Webhook(NEW).verify(post.body, headers)).toEqual({ body: "Grüße 🌿" });
    expect(() => new Webhook(NEW).verify(post.body.replace("Grüße", "Gruesse"), headers)).toThrow();
    expect(await claimsOf(headers["x-heddle-identity"], NEW)).toMatchObject({ sub: "ada" });
  });

  it("satisfy an owner with either secret while a rotation's grace lasts, and only the new one after it", async () => {
    const during = sign(post, OLD)(Date.now());
    expect(await claimsOf(during["x-heddle-identity"], NEW)).toEqual(
      await claimsOf(during["x-heddle-identity-previous"], OLD),
    );
    for (const secret of [OLD, NEW]) new Webhook(secret).verify(post.body, during);

    const after = sign(post)(Date.now());
    expect(after).not.toHaveProperty("x-heddle-identity-previous");
    await expect(claimsOf(after["x-heddle-identity"], OLD)).rejects.toThrow();
    expect(() => new Webhook(OLD).verify(post.body, after)).toThrow();
    new Webhook(NEW).verify(post.body, after);
  });

  it("are made anew for another attempt: a new jti and time, the same webhook-id", async () => {
    const now = Date.now();
    const attempt = sign(post);
    const [first, second] = [attempt(now), attempt(now + 5_000)];
    const claims = await claimsOf(first["x-heddle-identity"], NEW);
    const again = await claimsOf(second["x-heddle-identity"], NEW);
    expect(again.jti).not.toBe(claims.jti);
    expect([again.iat, again.exp]).toEqual([(claims.iat ?? 0) + 5, (claims.exp ?? 0) + 5]);
    expect(second["webhook-id"]).toBe(first["webhook-id"]);
    expect(second["webhook-id"]).not.toBe(sign(post)(now)["webhook-id"]);
    new Webhook(NEW).verify(post.body, second);
  });
});
