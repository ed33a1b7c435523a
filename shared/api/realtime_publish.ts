import * as z from "zod";
import { ownerId } from "../ids.ts";

const MAX_END_USERS = 100;

export const realtimePublishRequest = z.object({
  endUserId: ownerId.optional(),
  conversationId: ownerId.optional(),
  endUserIds: z.array(ownerId).max(MAX_END_USERS).optional(),
}).refine(
  ({ endUserId, conversationId, endUserIds }) =>
    endUserId !== undefined || conversationId !== undefined || (endUserIds?.length ?? 0) > 0,
  { path: ["endUserId"], message: "must be there, or a conversationId, or endUserIds" },
);

export const realtimePublishAnswer = z.object({
  ok: z.literal(true),
  /** Current names, user channels first. */
  channels: z.array(z.string()),
});

export type RealtimePublishRequest = z.infer<typeof realtimePublishRequest>;
export type RealtimePublishAnswer = z.infer<typeof realtimePublishAnswer>;
