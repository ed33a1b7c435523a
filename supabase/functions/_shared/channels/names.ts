import { createHmac } from "node:crypto";
import { conversationChannelBase, userChannelBase } from "../../../../shared/channels.ts";

/** The visitor's list channel: a capability to listen, so it goes to that visitor only. */
export function userChannel(secret: string, agentId: string, endUserId: string): string {
  return signed(secret, userChannelBase(agentId, endUserId));
}

/** A conversation's channel: goes only to those who may read it. */
export function conversationChannel(secret: string, conversationId: string): string {
  return signed(secret, conversationChannelBase(conversationId));
}

/** `node:crypto` and not Web Crypto: it is five times faster in Deno, and publishing does little else. */
function signed(secret: string, base: string): string {
  return `${base}-${createHmac("sha256", secret).update(base).digest("hex")}`;
}
