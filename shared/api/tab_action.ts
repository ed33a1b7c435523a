import * as z from "zod";
import { lowercaseUuid, ownerId } from "../ids.ts";
import { entrySchema, itemSchema } from "../items.ts";
import { officeSchema } from "../tabs.ts";
import { isBlank } from "../text.ts";
import { cursorSchema } from "./tab_fetch.ts";

const MAX_BODY_CHARACTERS = 10_000;
/** Of what Postgres counts. */
const MAX_NUMBER = 2_147_483_647;

const tabId = lowercaseUuid;

export const itemClickedRequest = z.object({
  action: z.literal("item_clicked"),
  tabId,
  itemId: ownerId,
  cursor: cursorSchema.optional(),
  /** A refetch, not a click. */
  refresh: z.literal(true).optional(),
  /** On store tabs: only what changed after the change of this number. */
  after: z.number().int().nonnegative().max(MAX_NUMBER).optional(),
});

/** The visitor is writing; on store tabs only. */
export const typingRequest = z.object({ action: z.literal("typing"), tabId, itemId: ownerId });

/** Whether somebody is there; on store tabs only. */
export const officeRequest = z.object({ action: z.literal("office"), tabId });

/**
 * Where the visitor writes from, as their browser says. Owners may show it: `url` is one that a link may hold, and comes out
 * without what may stand for a person or lead elsewhere: query, fragment, user name and password.
 */
const pageSchema = z.object({
  title: z.string().max(200),
  url: z.url({ protocol: /^https?$/ }).max(2048).transform(plainAddress),
  /** BCP 47. */
  locale: z.string().max(64),
  /** IANA. */
  timeZone: z.string().max(64),
});

/** As it was written, since the longest that is taken must not grow. A browser takes a backslash for a slash. */
function plainAddress(url: string): string {
  return url.replace(/[?#][^]*/, "").replace(/^([^:]*:[/\\\s]*)[^/\\]*@/, "$1");
}

export const createItemRequest = z.object({
  action: z.literal("create_item"),
  tabId,
  /** Absent: a new conversation. */
  itemId: ownerId.optional(),
  /** Idempotency key of the entry, proposed by the widget. */
  clientId: lowercaseUuid,
  body: z.string().max(MAX_BODY_CHARACTERS).refine((body) => !isBlank(body), "must not be blank"),
  page: pageSchema.optional(),
  /** On store tabs: the language tag of what the visitor reads there. One that says nothing stops no message. */
  language: z.string().max(64).optional().catch(undefined),
});

export const updateItemRequest = z.object({
  action: z.literal("update_item"),
  tabId,
  itemId: ownerId,
  entryId: ownerId.optional(),
  /**
   * `read: true` up to `entryId`, `body`, or the owner's own fields; on store tabs one of `read`, `delivered`, `body`,
   * `stop`, `needsHuman`, `visitor` and `push`.
   */
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
  typingRequest,
  officeRequest,
]);

/** How far each side has come: the number of the newest entry. */
const seqs = z.object({ visitor: z.number().int(), team: z.number().int() });

export const itemClickedAnswer = z.object({
  item: itemSchema,
  entries: z.array(entrySchema),
  nextCursor: z.string().optional(),
  /** Where refetch hints for this thread arrive, or a store tab's changes themselves; on messaging tabs only. */
  conversationChannel: z.string().optional(),
  /** The number of the newest change that the answer knows; this and the next two on store tabs only. */
  seq: z.number().int().optional(),
  readSeqs: seqs.optional(),
  deliveredSeqs: seqs.optional(),
});

/** In place of the changes after a number: there are too many, the newest page tells more. */
export const tooManyChanges = z.object({ tooMany: z.literal(true), seq: z.number().int() });

export const createItemAnswer = z.object({
  entry: entrySchema.optional(),
  item: itemSchema.optional(),
  conversationChannel: z.string().optional(),
  /** As in `ItemClickedAnswer`. */
  seq: z.number().int().optional(),
  /** On store tabs: a bot is to answer; `tab-answer` lets the visitor read along. */
  answering: z.literal(true).optional(),
});

export const updateItemAnswer = z.object({ item: itemSchema.optional(), entry: entrySchema.optional() });

export const deleteItemAnswer = z.object({ deleted: z.literal(true) });

export const typingAnswer = z.object({});

/** Without one the agent has neither a greeting nor office hours. */
export const officeAnswer = z.object({ office: officeSchema.optional() });

export type ItemClickedRequest = z.infer<typeof itemClickedRequest>;
export type CreateItemRequest = z.infer<typeof createItemRequest>;
export type UpdateItemRequest = z.infer<typeof updateItemRequest>;
export type DeleteItemRequest = z.infer<typeof deleteItemRequest>;
export type TypingRequest = z.infer<typeof typingRequest>;
export type OfficeRequest = z.infer<typeof officeRequest>;
export type TabActionRequest = z.infer<typeof tabActionRequest>;
export type ItemClickedAnswer = z.infer<typeof itemClickedAnswer>;
export type TooManyChanges = z.infer<typeof tooManyChanges>;
export type CreateItemAnswer = z.infer<typeof createItemAnswer>;
export type UpdateItemAnswer = z.infer<typeof updateItemAnswer>;
export type DeleteItemAnswer = z.infer<typeof deleteItemAnswer>;
export type TypingAnswer = z.infer<typeof typingAnswer>;
export type OfficeAnswer = z.infer<typeof officeAnswer>;
