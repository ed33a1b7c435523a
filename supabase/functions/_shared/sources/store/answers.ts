import * as z from "zod";
import type {
  CreateItemAnswer,
  ItemClickedAnswer,
  TooManyChanges,
  UpdateItemAnswer,
} from "../../../../../shared/api/tab_action.ts";
import type { TabFetchAnswer } from "../../../../../shared/api/tab_fetch.ts";
import { entryOf, readMessage } from "../../../../../shared/events.ts";
import { type Entry, itemSchema } from "../../../../../shared/items.ts";
import { listCursor } from "./positions.ts";

const entry = z.unknown().transform((value, context): Entry => {
  const message = readMessage(value);
  if (message) return entryOf(message);
  context.addIssue({ code: "custom", message: "must be a message" });
  return z.NEVER;
});
/** None is handed out for a while after a secret was ended: the widget polls. */
const channel = z.string().nullable().transform((name) => name ?? undefined);
const seqs = z.object({ visitor: z.number(), team: z.number() });

const listSchema = z.object({
  items: z.array(itemSchema),
  next: z.object({ at: z.string(), id: z.string() }).nullable(),
  listChannel: channel,
});

const threadSchema = z.object({
  item: itemSchema,
  seq: z.number(),
  messages: z.array(entry),
  next: z.number().nullish(),
  readSeqs: seqs,
  deliveredSeqs: seqs,
  conversationChannel: channel,
});

const tooManySchema = z.object({ tooMany: z.literal(true), seq: z.number() });

const postedSchema = z.object({
  seq: z.number(),
  message: entry,
  item: itemSchema,
  answering: z.boolean().transform((answering) => answering || undefined),
  conversationChannel: channel,
});

/** `store_list` as `tab-fetch` answers it. */
export function listAnswer(json: unknown): TabFetchAnswer {
  const { items, next, listChannel } = listSchema.parse(json);
  return { items, nextCursor: next ? listCursor(next) : undefined, listChannel };
}

/** `store_thread`, or `store_changes`, as `item_clicked` answers it. */
export function threadAnswer(json: unknown): ItemClickedAnswer | TooManyChanges {
  const tooMany = tooManySchema.safeParse(json);
  if (tooMany.success) return tooMany.data;
  const { messages, next, ...answer } = threadSchema.parse(json);
  return { ...answer, entries: messages, nextCursor: next ? String(next) : undefined };
}

/** `store_post` as `create_item` answers it. */
export function createAnswer(json: unknown): CreateItemAnswer {
  const { message, ...answer } = postedSchema.parse(json);
  return { entry: message, ...answer };
}

/** `store_edit` and `store_needs_human` as `update_item` answers them. */
export function updateAnswer(json: unknown): UpdateItemAnswer {
  const { message, item } = z.object({ message: entry.optional(), item: itemSchema.optional() }).parse(json);
  return { entry: message, item };
}
