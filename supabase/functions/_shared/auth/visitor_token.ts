import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";

const BYTES = 32;

/** A token that makes an anonymous visitor the same one again: 256 random bits, base64url. */
export function newVisitorToken(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(BYTES))).toString("base64url");
}

/** What is kept of a token: SHA-256, lowercase hex. With 256 random bits it needs neither salt nor stretching. */
export function visitorTokenHash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
