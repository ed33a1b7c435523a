import { hkdfSync } from "node:crypto";

/** A key for one purpose, so that a leak of it is not a leak of the secret it comes from. */
export function derivedKey(secret: string, purpose: "session" | "address"): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", `heddle ${purpose} v1`, 32));
}
