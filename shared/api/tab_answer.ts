import * as z from "zod";
import { lowercaseUuid, ownerId } from "../ids.ts";

/** Its answer is an event stream; each event holds an envelope (docs/streaming.md). */
export const tabAnswerRequest = z.object({ tabId: lowercaseUuid, itemId: ownerId });

export type TabAnswerRequest = z.infer<typeof tabAnswerRequest>;
