import * as z from "zod";
import { ownerId } from "../ids.ts";

const MAX_END_USERS = 100;

const targets = z.object({
  endUserId: ownerId.optional(),
  conversationId: ownerId.optional(),
  endUserIds: z.array(ownerId).max(MAX_END_USERS).optional(),
}).refine(
  ({ endUserId, conversationId, endUserIds }) =>
    endUserId !== undefined || conversationId !== undefined || (endUserIds?.length ?? 0) > 0,
  { path: ["endUserId"], message: "must be there, or a conversationId, or endUserIds" },
);

const spellings = new Map(Object.keys(targets.shape).map((key) => [letters(key), key]));

/** A misspelt field would be left out like one of a later release, and its visitors would never be told. */
export const realtimePublishRequest = z.preprocess((body, context) => {
  for (const key of Object.keys(Object(body))) {
    const spelling = spellings.get(letters(key));
    if (spelling === undefined || spelling === key) continue;
    context.addIssue({ code: "custom", path: [key], message: `must be spelt ${spelling}` });
  }
  return body;
}, targets);

/** What is left of a name without case, `_` and `-`. */
function letters(key: string): string {
  return key.replace(/[_-]/g, "").toLowerCase();
}

export const realtimePublishAnswer = z.object({
  ok: z.literal(true),
  /** Current names, user channels first. */
  channels: z.array(z.string()),
});

export type RealtimePublishRequest = z.infer<typeof realtimePublishRequest>;
export type RealtimePublishAnswer = z.infer<typeof realtimePublishAnswer>;
