import * as z from "zod";
import { lowercaseUuid, ownerId } from "../ids.ts";
import { entrySchema, itemSchema } from "../items.ts";
import { isBlank } from "../text.ts";
import { cursorSchema } from "./tab_fetch.ts";

const MAX_BODY_CHARACTERS = 10_000;

const tabId = lowercaseUuid;

export const itemClickedRequest = z.object({
  action: z.literal("item_clicked"),
  tabId,
  itemId: ownerId,
  cursor: cursorSchema.optional(),
  /** A refetch, not a click. */
  refresh: z.literal(true).optional(),
});

/** Where the visitor writes from, as their browser says. Owners may show it: `url` is one that a link may hold. */
const pageSchema = z.object({
  title: z.string().max(200),
  url: z.url({ protocol: /^https?$/ }).max(2048),
  /** BCP 47. */
  locale: z.string().max(64),
  /** IANA. */
  timeZone: z.string().max(64),
});

export const createItemRequest = z.object({
  action: z.literal("create_item"),
  tabId,
  /** Absent: a new conversation. */
  itemId: ownerId.optional(),
  /** Idempotency key of the entry, proposed by the widget. */
  clientId: lowercaseUuid,
  body: z.string().max(MAX_BODY_CHARACTERS).refine((body) => !isBlank(body), "must not be blank"),
  page: pageSchema.optional(),
});

export const updateItemRequest = z.object({
  action: z.literal("update_item"),
  tabId,
  itemId: ownerId,
  entryId: ownerId.optional(),
  /** `read: true`, `body`, or the owner's own fields. */
  changes: z.record(z.string(), z.unknown())
    .refine((changes) => Object.keys(changes).length > 0, "must name at least one field"),
});

export const deleteItemRequest = z.object({
  action: z.literal("delete_item"),
  tabId,
  itemId: ownerId,
  entryId: ownerId.optional(),
});

export const tabActionRequest = z.discriminatedUnion("action", [
  itemClickedRequest,
  createItemRequest,
  updateItemRequest,
  deleteItemRequest,
]);

export const itemClickedAnswer = z.object({
  item: itemSchema,
  entries: z.array(entrySchema),
  nextCursor: z.string().optional(),
  /** Where refetch hints for this thread arrive; on messaging tabs only. */
  conversationChannel: z.string().optional(),
});

export const createItemAnswer = z.object({
  entry: entrySchema.optional(),
  item: itemSchema.optional(),
  conversationChannel: z.string().optional(),
});

export const updateItemAnswer = z.object({ item: itemSchema.optional(), entry: entrySchema.optional() });

export const deleteItemAnswer = z.object({ deleted: z.literal(true) });

export type ItemClickedRequest = z.infer<typeof itemClickedRequest>;
export type CreateItemRequest = z.infer<typeof createItemRequest>;
export type UpdateItemRequest = z.infer<typeof updateItemRequest>;
export type DeleteItemRequest = z.infer<typeof deleteItemRequest>;
export type TabActionRequest = z.infer<typeof tabActionRequest>;
export type ItemClickedAnswer = z.infer<typeof itemClickedAnswer>;
export type CreateItemAnswer = z.infer<typeof createItemAnswer>;
export type UpdateItemAnswer = z.infer<typeof updateItemAnswer>;
export type DeleteItemAnswer = z.infer<typeof deleteItemAnswer>;
