import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

const MAX_AGE_SECONDS = 5 * 60;

export interface SignedRequest {
  method: string;
  /** Path and query exactly as they were requested: `/heddle/messages?action=get_items&…`. */
  target: string;
  headers: Headers;
  /** The raw bytes, before any parser has touched them; empty for GET. */
  body: Uint8Array;
}

/**
 * Why a request can't be trusted to come from Heddle; `null` if it can.
 *
 * The signature is that of Standard Webhooks (https://www.standardwebhooks.com), with the method and the target
 * in front of the body: a GET has no body, and what it asks for stands in its query.
 *
 * @param secret `whsec_…`, from the agent's settings
 * @param now milliseconds since 1970
 */
export function signatureProblem(request: SignedRequest, secret: string, now: number): string | null {
  const id = request.headers.get("webhook-id");
  const timestamp = request.headers.get("webhook-timestamp");
  const signatures = request.headers.get("webhook-signature");
  if (!id || !timestamp || !signatures) return "a webhook-* header is missing";

  const age = Math.abs(now / 1000 - Number(timestamp));
  if (!(age <= MAX_AGE_SECONDS)) return "webhook-timestamp is more than five minutes off";

  const expected = createHmac("sha256", Buffer.from(secret.replace(/^whsec_/, ""), "base64"))
    .update(`${id}.${timestamp}.${request.method} ${request.target}\n`)
    .update(request.body)
    .digest();
  // While a secret is being rotated there are two signatures, separated by a space. One has to match.
  const matches = signatures.split(" ").some((signature) => {
    const [version, value = ""] = signature.split(",");
    const given = Buffer.from(value, "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return matches ? null : "no webhook-signature matches";
}
