import * as z from "zod";
import { isPlainText, lowercaseUuid } from "../ids.ts";
import { itemSchema } from "../items.ts";

const MAX_CURSOR_BYTES = 1024;

/**
 * Cursors are opaque: the owner's own, handed back as they came. They travel in a URL and in a header, which servers limit
 * in bytes.
 */
export const cursorSchema = z.string().min(1).refine(
  (cursor) => new TextEncoder().encode(cursor).length <= MAX_CURSOR_BYTES,
  `must be at most ${MAX_CURSOR_BYTES} bytes of UTF-8`,
).refine(isPlainText, "must be well-formed Unicode without control characters");

/** Query parameters. */
export const tabFetchRequest = z.object({
  tabId: lowercaseUuid,
  cursor: cursorSchema.optional(),
});

export const tabFetchAnswer = z.object({
  items: z.array(itemSchema),
  nextCursor: z.string().optional(),
  /** The visitor's list channel; on messaging tabs only. */
  listChannel: z.string().optional(),
});

export type TabFetchRequest = z.infer<typeof tabFetchRequest>;
export type TabFetchAnswer = z.infer<typeof tabFetchAnswer>;
