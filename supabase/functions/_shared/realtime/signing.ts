import { createHmac } from "node:crypto";
import * as z from "zod";
import { conversationChannelBase, userChannelBase } from "../../../../shared/channels.ts";

/** An agent's signing secrets and the times at which they change roles. */
export const signingSchema = z.object({
  current: z.string().min(1),
  previous: z.string().nullable(),
  /**
   * ISO 8601. Until then browsers still get names made with `previous`, or none without one: other isolates
   * may not know `current` yet.
   */
  handOutCurrentAt: z.string(),
  /** ISO 8601; `null` without a `previous`. */
  previousUntil: z.string().nullable(),
  /** Secrets that were ended at once, the latest first: they sign nothing any more. `until`: ISO 8601. */
  former: z.array(z.object({ secret: z.string(), until: z.string() })),
  version: z.string(),
});

export type Signing = z.infer<typeof signingSchema>;

/**
 * The secret of the names that browsers are handed at `now` (milliseconds); `null` if they are to get none
 * yet, so that they poll. Right for a cached `signing` too.
 */
export function handedOutSecret(
  { current, previous, handOutCurrentAt }: Signing,
  now: number,
): string | null {
  return now < Date.parse(handOutCurrentAt) ? previous : current;
}

/**
 * Every secret whose names some browser may be listening on at `now` (milliseconds); the current one first.
 */
export function acceptedSecrets({ current, previous, previousUntil }: Signing, now: number): string[] {
  if (previous === null || previousUntil === null || now >= Date.parse(previousUntil)) return [current];
  return [current, previous];
}

/**
 * Secrets on whose names pages may listen that have not noticed their end, at `now` (milliseconds). Whoever
 * knows a leaked secret listens there too: those names carry a `refresh` and never any content.
 */
export function formerSecrets({ former }: Signing, now: number): string[] {
  return former.filter(({ until }) => now < Date.parse(until)).map(({ secret }) => secret);
}

/**
 * The visitor's list channel: a capability to listen, so it goes to that visitor only. `secret` is the
 * signing secret for the name that hints go to, its `contentKey` for the one that content goes to.
 */
export function userChannel(secret: string, agentId: string, endUserId: string): string {
  return signed(secret, userChannelBase(agentId, endUserId));
}

/** A conversation's channel: goes only to those who may read it. `secret` as for `userChannel`. */
export function conversationChannel(secret: string, conversationId: string): string {
  return signed(secret, conversationChannelBase(conversationId));
}

/**
 * The key of the names that content travels on. It is none that publishing makes or answers, so whoever held
 * an API key can't listen to content.
 */
export function contentKey(signingSecret: string): string {
  return hmac(signingSecret, "content");
}

function signed(secret: string, base: string): string {
  return `${base}-${hmac(secret, base)}`;
}

/** `node:crypto` and not Web Crypto: it is five times faster in Deno, and publishing does little else. */
function hmac(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}
