import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { isSigned, signedHeaders } from "../../../../supabase/functions/_shared/mail/signed_webhook.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const OTHER = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
const BODY = "Subject: Grüße\r\n\r\nHi";
const now = Date.now();

function headers({ prefix = "webhook", at = now, secret = SECRET, id = "msg_1" } = {}): Headers {
  return new Headers({
    [`${prefix}-id`]: id,
    [`${prefix}-timestamp`]: String(Math.floor(at / 1000)),
    [`${prefix}-signature`]: new Webhook(secret).sign(id, new Date(at), BODY),
  });
}
const body = new TextEncoder().encode(BODY);
const accepts = (given: Headers, secrets = [SECRET], bytes = body) => {
  const signed = signedHeaders(given, now);
  return signed !== null && isSigned(signed, bytes, secrets);
};

it.each(["webhook", "svix"])("what the library signs is taken, under the names of %s", (prefix) => {
  expect(accepts(headers({ prefix }))).toBe(true);
});

it("while a secret is replaced, either is taken, and any of several signatures", () => {
  expect(accepts(headers({ secret: OTHER }), [SECRET, OTHER])).toBe(true);
  const both = headers();
  both.set("webhook-signature", `v1a,xx v1,AAAA ${both.get("webhook-signature")}`);
  expect(accepts(both)).toBe(true);
});

it("what another secret signed, another body, another id, another time is refused", () => {
  expect(accepts(headers({ secret: OTHER }))).toBe(false);
  expect(accepts(headers(), [SECRET], new TextEncoder().encode(`${BODY}!`))).toBe(false);
  const changed = (name: string, value: string) => {
    const all = headers();
    all.set(name, value);
    return all;
  };
  expect(accepts(changed("webhook-id", "msg_2"))).toBe(false);
  expect(accepts(changed("webhook-timestamp", String(Math.floor(now / 1000) - 1)))).toBe(false);
  expect(accepts(changed("webhook-signature", "v1,"))).toBe(false);
  expect(accepts(changed("webhook-signature", "v1"))).toBe(false);
});

it("what is older than five minutes, or of the future, is refused", () => {
  expect(accepts(headers({ at: now - 299_000 }))).toBe(true);
  expect(accepts(headers({ at: now - 302_000 }))).toBe(false);
  expect(accepts(headers({ at: now + 302_000 }))).toBe(false);
  expect(signedHeaders(new Headers(), now)).toBe(null);
});
