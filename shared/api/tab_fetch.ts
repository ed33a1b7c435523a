import * as z from "zod";
import { lowercaseUuid } from "../ids.ts";
import { itemSchema } from "../items.ts";

/** Cursors are opaque: the owner's own, handed back as they came. */
export const cursorSchema = z.string().min(1).max(1024);

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
