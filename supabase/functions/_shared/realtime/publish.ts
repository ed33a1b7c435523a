import type { RealtimePublishRequest } from "../../../../shared/api/realtime_publish.ts";
import type { Envelope } from "../../../../shared/events.ts";
import { acceptedSecrets, conversationChannel, formerSecrets, type Signing, userChannel } from "./signing.ts";

export interface Publish {
  /** The current name of each channel that the request speaks of, user channels first. */
  current: string[];
  /** What to send where. */
  broadcasts: { channels: string[]; event: Pick<Envelope, "type" | "data"> }[];
}

/**
 * What a publish request makes of an agent's channels at `now` (milliseconds). An event goes to the conversation, under
 * every secret that still counts; lists, and names under a secret that was ended at once, get a `refresh`.
 */
export function planPublish(
  request: RealtimePublishRequest,
  { agentId, signing, now }: { agentId: string; signing: Signing; now: number },
): Publish {
  const { event, conversationId } = request;
  const visitors = new Set([request.endUserId ?? [], request.endUserIds ?? []].flat());
  const lists = (secret: string) => [...visitors].map((visitor) => userChannel(secret, agentId, visitor));
  const threads = (secret: string) =>
    conversationId === undefined ? [] : [conversationChannel(secret, conversationId)];
  const all = (secret: string) => [...lists(secret), ...threads(secret)];

  const secrets = acceptedSecrets(signing, now);
  const former = formerSecrets(signing, now).flatMap(all);
  const refresh = { type: "refresh", data: {} };
  const broadcasts = event === undefined
    ? [{ channels: [...secrets.flatMap(all), ...former], event: refresh }]
    : [
      { channels: secrets.flatMap(threads), event: ofConversation(event, conversationId) },
      { channels: [...secrets.flatMap(lists), ...former], event: refresh },
    ];
  return {
    current: secrets.slice(0, 1).flatMap(all),
    broadcasts: broadcasts.filter(({ channels }) => channels.length > 0),
  };
}

/** Heddle's own types name their conversation; what an owner's type says is the owner's. */
function ofConversation(
  { type, data }: Pick<Envelope, "type" | "data">,
  conversationId: string | undefined,
): Pick<Envelope, "type" | "data"> {
  return type.startsWith("x-") ? { type, data } : { type, data: { conversationId, ...data } };
}
