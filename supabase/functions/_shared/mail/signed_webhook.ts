import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

/** Seconds by which a signature's time may differ from ours, as Standard Webhooks has it. */
const TOLERANCE_SECONDS = 5 * 60;

interface SignedHeaders {
  id: string;
  timestamp: string;
  signatures: string[];
}

/**
 * What a webhook's headers say of its signature, under the names of Standard Webhooks or of Svix; `null` where they are
 * missing or too old. `now` in milliseconds.
 */
export function signedHeaders(headers: Headers, now: number): SignedHeaders | null {
  const get = (name: string) => headers.get(`webhook-${name}`) ?? headers.get(`svix-${name}`) ?? "";
  const [id, timestamp, signature] = [get("id"), get("timestamp"), get("signature")];
  if (id === "" || !/^\d{1,12}$/.test(timestamp) || signature === "") return null;
  if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return null;
  const signatures = signature.split(" ").filter((each) => each.startsWith("v1,")).map((each) =>
    each.slice(3)
  );
  return { id, timestamp, signatures };
}

/** Whether one of the signatures is one of these secrets' over the bytes as they came (Standard Webhooks 1.0). */
export function isSigned(
  { id, timestamp, signatures }: SignedHeaders,
  body: Uint8Array,
  secrets: string[],
): boolean {
  return secrets.some((secret) => {
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
    return signatures.some((each) => {
      const given = Buffer.from(each, "base64");
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  });
}
