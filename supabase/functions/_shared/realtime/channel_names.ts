import { createHmac } from "node:crypto";
import { conversationChannelBase, userChannelBase } from "../../../../shared/channels.ts";

/**
 * The visitor's list channel: a capability to listen, so it goes to that visitor only. `secret` is the signing secret for
 * the name that hints go to, its `contentKey` for the one that content goes to.
 */
export function userChannel(secret: string, agentId: string, endUserId: string): string {
  return signed(secret, userChannelBase(agentId, endUserId));
}

/** A conversation's channel: goes only to those who may read it. `secret` as for `userChannel`. */
export function conversationChannel(secret: string, conversationId: string): string {
  return signed(secret, conversationChannelBase(conversationId));
}

/**
 * The key of the names that content travels on. It is none that publishing makes or answers, so whoever held an API key
 * can't listen to content.
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
