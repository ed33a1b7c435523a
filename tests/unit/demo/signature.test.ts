import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { signatureProblem, type SignedRequest } from "../../../demo/heddle/signature.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NOW = Date.UTC(2026, 0, 31, 12);
const TARGET = "/heddle/messages?action=get_items&endUserId=ada";

function sign(text: string, secret = SECRET): string {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  return `v1,${createHmac("sha256", key).update(text).digest("base64")}`;
}

interface Parts {
  method?: string;
  target?: string;
  body?: string;
  id?: string;
  timestamp?: number;
  secret?: string;
}

function request(parts: Parts = {}): SignedRequest {
  const { method = "GET", target = TARGET, body = "", id = "msg_1", timestamp = NOW / 1000 } = parts;
  return {
    method,
    target,
    body: new TextEncoder().encode(body),
    headers: new Headers({
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": sign(`${id}.${timestamp}.${method} ${target}\n${body}`, parts.secret),
    }),
  };
}

function withHeader(name: string, value: string | null, original = request()): SignedRequest {
  const headers = new Headers(original.headers);
  if (value === null) headers.delete(name);
  else headers.set(name, value);
  return { ...original, headers };
}

describe("the shop's signature check", () => {
  it("accepts a GET that Heddle signed", () => {
    expect(signatureProblem(request(), SECRET, NOW)).toBeNull();
  });

  it("accepts a POST with a body beyond ASCII", () => {
    const post = request({ method: "POST", target: "/heddle/messages", body: `{"body":"Grüße 🌿"}` });
    expect(signatureProblem(post, SECRET, NOW)).toBeNull();
  });

  it("agrees with a signature made by openssl", () => {
    // printf 'msg_1.1700000000.GET /heddle/messages?action=get_items\n' |
    //   openssl dgst -sha256 -mac HMAC -macopt hexkey:$(echo <secret> | base64 -d | xxd -p) -binary | base64
    const headers = new Headers({
      "webhook-id": "msg_1",
      "webhook-timestamp": "1700000000",
      "webhook-signature": "v1,7RMZy2NHrjKLX7dGSdau89sszgyDyAm2Q+HKpMZbnP4=",
    });
    const target = "/heddle/messages?action=get_items";
    const get = { method: "GET", target, headers, body: new Uint8Array() };
    expect(signatureProblem(get, SECRET, 1_700_000_000_000)).toBeNull();
  });

  it("accepts either of two signatures while a secret is being rotated", () => {
    const signed = request();
    const both = `${sign("something else")} ${signed.headers.get("webhook-signature")}`;
    expect(signatureProblem(withHeader("webhook-signature", both), SECRET, NOW)).toBeNull();
  });

  it("refuses another secret", () => {
    const forged = request({ secret: "whsec_YW5vdGhlciBzZWNyZXQgYWx0b2dldGhlcg==" });
    expect(signatureProblem(forged, SECRET, NOW)).toBe("no webhook-signature matches");
  });

  it.each([
    ["query", { target: TARGET.replace("ada", "ben") }],
    ["method", { method: "POST" }],
    ["body", { body: new TextEncoder().encode("{}") }],
  ])("refuses a changed %s", (_what, change) => {
    expect(signatureProblem({ ...request(), ...change }, SECRET, NOW)).toBe("no webhook-signature matches");
  });

  it("refuses a replay under another id or time", () => {
    const signed = request();
    expect(signatureProblem(withHeader("webhook-id", "msg_2", signed), SECRET, NOW)).not.toBeNull();
    const later = String(NOW / 1000 + 1);
    expect(signatureProblem(withHeader("webhook-timestamp", later, signed), SECRET, NOW)).not.toBeNull();
  });

  it.each([-301, 301])("refuses a timestamp that is %i seconds off", (seconds) => {
    const old = request({ timestamp: NOW / 1000 + seconds });
    expect(signatureProblem(old, SECRET, NOW)).toBe("webhook-timestamp is more than five minutes off");
  });

  it("accepts a timestamp that is five minutes old", () => {
    expect(signatureProblem(request({ timestamp: NOW / 1000 - 300 }), SECRET, NOW)).toBeNull();
  });

  it("refuses a timestamp that is no number", () => {
    expect(signatureProblem(withHeader("webhook-timestamp", "soon"), SECRET, NOW)).not.toBeNull();
  });

  it.each(["webhook-id", "webhook-timestamp", "webhook-signature"])(
    "refuses a request without %s",
    (name) => {
      expect(signatureProblem(withHeader(name, null), SECRET, NOW)).toBe("a webhook-* header is missing");
    },
  );

  it.each(["", "v1", "v1,", "v1,AAAA", "v2,AAAA"])("refuses the signature %j", (signature) => {
    expect(signatureProblem(withHeader("webhook-signature", signature), SECRET, NOW)).not.toBeNull();
  });
});
