import { Buffer } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const RANDOM_BYTES = 20;
/** Days since 1970-01-01 UTC, big-endian. */
const DAY_BYTES = 3;
const TAG_BYTES = 16;
/** All of it in base64url: 39 bytes leave no padding, so that a token is written in one way only. */
const TOKEN = /^[A-Za-z0-9_-]{52}$/;

const DAY_MS = 24 * 60 * 60 * 1000;
const LIFETIME_DAYS = 180;
const REDATED_AFTER_DAYS = 30;

/** What a visitorToken says, whether or not it is one of ours. */
export interface VisitorClaim {
  /** `anon_…`: no secret is needed to tell it, so that it can be looked up together with the secret that proves it. */
  id: string;
  random: Buffer;
  day: number;
  tag: Buffer;
}

export interface AnonymousVisitor {
  id: string;
  /** For the browser to keep; sent again, it continues the same visitor. */
  visitorToken: string;
}

/** Reads a visitorToken. `null` if it does not even look like one. */
export function visitorClaim(agentId: string, visitorToken: string): VisitorClaim | null {
  if (!TOKEN.test(visitorToken)) return null;
  const bytes = Buffer.from(visitorToken, "base64url");
  const random = bytes.subarray(0, RANDOM_BYTES);
  return {
    id: visitorId(agentId, random),
    random,
    day: bytes.readUIntBE(RANDOM_BYTES, DAY_BYTES),
    tag: bytes.subarray(RANDOM_BYTES + DAY_BYTES),
  };
}

/**
 * The visitor of the claim if its token was made with the secret within the last 180 days, else a new one. A known
 * visitor's token is dated anew once a month. `now` in milliseconds.
 */
export function anonymousVisitor(
  agentId: string,
  secret: string,
  claim: VisitorClaim | null,
  now: number,
): AnonymousVisitor {
  const today = Math.floor(now / DAY_MS);
  if (claim === null || !isProven(claim, secret, now)) {
    const random = Buffer.from(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)));
    return { id: visitorId(agentId, random), visitorToken: tokenOf(secret, random, today) };
  }
  const day = today - claim.day < REDATED_AFTER_DAYS ? claim.day : today;
  return { id: claim.id, visitorToken: tokenOf(secret, claim.random, day) };
}

/** Whether the claim's token was made with the secret within the last 180 days. `now` in milliseconds. */
export function isProven(claim: VisitorClaim, secret: string, now: number): boolean {
  return isOurs(claim, secret) && Math.floor(now / DAY_MS) - claim.day <= LIFETIME_DAYS;
}

/** A hash, so that nobody can make a token for an id that they know. */
function visitorId(agentId: string, random: Buffer): string {
  return `anon_${createHash("sha256").update(agentId).update(random).digest("hex").slice(0, 32)}`;
}

function tokenOf(secret: string, random: Buffer, day: number): string {
  return Buffer.concat([dated(random, day), tagOf(secret, random, day)]).toString("base64url");
}

function isOurs({ random, day, tag }: VisitorClaim, secret: string): boolean {
  return timingSafeEqual(tag, tagOf(secret, random, day));
}

function tagOf(secret: string, random: Buffer, day: number): Buffer {
  return createHmac("sha256", secret).update(dated(random, day)).digest().subarray(0, TAG_BYTES);
}

function dated(random: Buffer, day: number): Buffer {
  const bytes = Buffer.alloc(RANDOM_BYTES + DAY_BYTES);
  random.copy(bytes);
  bytes.writeUIntBE(day, RANDOM_BYTES, DAY_BYTES);
  return bytes;
}
