import { Buffer } from "node:buffer";
import { importJWK, SignJWT } from "jose";
import type { PushKeyPair } from "../../../../shared/push_keys.ts";

const LIFETIME_MS = 12 * 60 * 60 * 1000;
/** A token is used until an hour before its end. */
const MARGIN_MS = 60 * 60 * 1000;

/**
 * Makes the header `authorization` for requests to a push service (RFC 8292): a token for its origin, signed once in eleven hours.
 * `contact` is a mailto: or https: URL under which the sender can be reached; `now` in milliseconds.
 */
export function createVapid(
  { publicKey, privateKey }: PushKeyPair,
  { contact, now }: { contact: string; now: () => number },
): (endpoint: URL) => Promise<string> {
  const tokens = new Map<string, { header: string; until: number }>();
  return async ({ origin }) => {
    const known = tokens.get(origin);
    if (known && known.until > now()) return known.header;
    const point = Buffer.from(publicKey, "base64url");
    const key = await importJWK({
      kty: "EC",
      crv: "P-256",
      x: point.subarray(1, 33).toString("base64url"),
      y: point.subarray(33).toString("base64url"),
      d: privateKey,
    }, "ES256");
    const token = await new SignJWT({}).setProtectedHeader({ typ: "JWT", alg: "ES256" })
      .setAudience(origin).setSubject(contact)
      .setExpirationTime(Math.floor((now() + LIFETIME_MS) / 1000))
      .sign(key);
    const header = `vapid t=${token}, k=${publicKey}`;
    // Endpoints are browsers' own words: the few services there are never fill it.
    if (tokens.size >= 100) tokens.clear();
    tokens.set(origin, { header, until: now() + LIFETIME_MS - MARGIN_MS });
    return header;
  };
}
