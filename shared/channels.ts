/** Name of a visitor's list channel before it is signed. */
export function userChannelBase(agentId: string, endUserId: string): string {
  return `agent-${agentId}-user-${endUserId}`;
}

/** Name of a conversation's channel before it is signed. */
export function conversationChannelBase(conversationId: string): string {
  return `conv-${conversationId}`;
}

/** What the policies on `realtime.messages` take for a visitor's channel, in Postgres' regular expressions. */
export const VISITOR_CHANNEL = "^(agent|conv)-.*-[0-9a-f]{64}$";
/** Those among them that may be joined. */
export const WELL_FORMED_CHANNEL =
  "^(agent-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-user-.+|conv-.+)-[0-9a-f]{64}$";

/** What the policies take for a team's channel, or that of its events; of its names those of now and before may be joined, by members. */
export const INBOX_CHANNEL = "^(agent-[0-9a-f-]{36}-inbox|org-[0-9a-f-]{36}-events)-";

/** A channel name as logs may show it: names are capabilities, so the signature is cut off. */
export function withoutSignature(channel: string): string {
  return channel.replace(/-[0-9a-f]{64}$/, "-…");
}
