import type { RealtimePublishRequest } from "../../../../shared/api/realtime_publish.ts";
import { conversationChannel, userChannel } from "./names.ts";

/** The names a publish request speaks of, each once, user channels first. */
export function channelsToPublish(
  secret: string,
  agentId: string,
  { endUserId, endUserIds = [], conversationId }: RealtimePublishRequest,
): string[] {
  const visitors = new Set(endUserId === undefined ? endUserIds : [endUserId, ...endUserIds]);
  const channels = [...visitors].map((visitor) => userChannel(secret, agentId, visitor));
  return conversationId === undefined ? channels : [...channels, conversationChannel(secret, conversationId)];
}
