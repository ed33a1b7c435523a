import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

const MAX_AGE_SECONDS = 5 * 60;

/**
 * Why a request can't be trusted to come from Heddle; `null` if it can.
 *
 * @param {object} request
 * @param {string} request.method
 * @param {string} request.target path and query exactly as they were requested
 * @param {Record<string, string | string[] | undefined>} request.headers with names in lower case, as Node has them
 * @param {Uint8Array} request.body the raw bytes, before any parser; empty for GET
 * @param {string} secret `whsec_…`
 */
export function signatureProblem({ method, target, headers, body }, secret) {
  if (!/^whsec_./.test(secret)) throw new Error("the webhook secret begins with whsec_");
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  const signatures = headers["webhook-signature"];
  if (!id || !timestamp || !signatures) return "a webhook-* header is missing";

  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (!(age <= MAX_AGE_SECONDS)) return "webhook-timestamp is more than five minutes off";

  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const expected = createHmac("sha256", key)
    .update(`${id}.${timestamp}.${method} ${target}\n`)
    .update(body)
    .digest("base64");
  // While a secret is being rotated there are two signatures, separated by a space. One has to match.
  const matches = String(signatures).split(" ").some((given) => sameText(given, `v1,${expected}`));
  return matches ? null : "no webhook-signature matches";
}

/**
 * Compares in a time that does not tell how much of it is right.
 *
 * @param {string} a
 * @param {string} b
 */
function sameText(a, b) {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
