import type {
  CreateItemAnswer,
  CreateItemRequest,
  DeleteItemAnswer,
  ItemClickedAnswer,
  ItemClickedRequest,
  UpdateItemAnswer,
  UpdateItemRequest,
} from "../../../../../shared/api/tab_action.ts";
import type { TabFetchAnswer } from "../../../../../shared/api/tab_fetch.ts";
import type { Session } from "../../auth/session.ts";
import { conversationChannel, handedOutSecret, userChannel } from "../../realtime/signing.ts";
import type { WebhookTab } from "../../database/tab_context.ts";
import { holdsList, listLength, MAX_ITEMS, normaliseList } from "./normalise/list.ts";
import { MAX_ENTRIES } from "./normalise/entries.ts";
import { normaliseThread, threadLength } from "./normalise/thread.ts";
import { normaliseWritten } from "./normalise/written.ts";
import { requireAccepted } from "./refusal.ts";

/** Who asked, where, and when (milliseconds). */
export interface AnswerContext {
  tab: WebhookTab;
  agentId: string;
  endUser: Session["endUser"];
  now: number;
}

// Each function turns an owner's JSON into the answer to one action. They throw `source_rejected` or
// `source_invalid`. A channel is a licence to listen: a conversation's is handed out only where the owner's
// own answer names the item.

export function listAnswer(json: unknown, context: AnswerContext): TabFetchAnswer {
  const { agentId, endUser } = context;
  requireAccepted(json, { action: "get_items", category: context.tab.tab.category });
  return {
    ...normaliseList(json, context.tab.tab.formKeys),
    listChannel: channel(context, (secret) => userChannel(secret, agentId, endUser.id)),
  };
}

export function threadAnswer(
  json: unknown,
  { action, itemId }: Pick<ItemClickedRequest, "action" | "itemId">,
  context: AnswerContext,
): ItemClickedAnswer {
  requireAccepted(json, { action, itemId, category: context.tab.tab.category });
  const { item, confirmed, entries, nextCursor } = normaliseThread(
    json,
    itemId,
    context.endUser.id,
    context.tab.tab.formKeys,
  );
  return {
    item,
    entries,
    nextCursor,
    conversationChannel: channelOf(confirmed ? item.id : undefined, context),
  };
}

export function createAnswer(
  json: unknown,
  { action, itemId }: Pick<CreateItemRequest, "action" | "itemId">,
  context: AnswerContext,
): CreateItemAnswer {
  const { category } = context.tab.tab;
  requireAccepted(json, { action, category });
  const { item, entry, confirmed } = normaliseWritten(json, {
    authors: { endUserId: context.endUser.id, otherwise: "visitor" },
    itemId,
    formKeys: context.tab.tab.formKeys,
    bare: category === "messaging" ? "entry_if_body" : "item",
  });
  return { item, entry, conversationChannel: channelOf(confirmed ? item?.id : undefined, context) };
}

export function updateAnswer(
  json: unknown,
  { action, itemId, entryId }: Pick<UpdateItemRequest, "action" | "itemId" | "entryId">,
  context: AnswerContext,
): UpdateItemAnswer {
  requireAccepted(json, { action, category: context.tab.tab.category });
  const { item, entry } = normaliseWritten(json, {
    authors: { endUserId: context.endUser.id, otherwise: "operator" },
    itemId,
    formKeys: context.tab.tab.formKeys,
    bare: entryId === undefined ? "item" : "entry",
  });
  return { item, entry };
}

export function deleteAnswer(json: unknown, context: AnswerContext): DeleteItemAnswer {
  requireAccepted(json, { action: "delete_item", category: context.tab.tab.category });
  return { deleted: true };
}

/**
 * What the owner should know where `create_item` was answered with a list of which nothing could be taken: a
 * webhook that answers every action as `get_items` has stored nothing, and the visitor's message disappears
 * with the next fetch. `null` otherwise; `{}` is a fine answer.
 */
export function createWarning(json: unknown, answer: CreateItemAnswer): string | null {
  if (answer.item || answer.entry || !holdsList(json)) return null;
  return "The answer to create_item is a list, as get_items has it, and names no entry. Was anything stored?";
}

/** The same where `get_items` was answered with more items than are taken. */
export function listWarning(json: unknown): string | null {
  const length = listLength(json);
  if (length <= MAX_ITEMS) return null;
  return `The answer holds ${length} items, of which the first ${MAX_ITEMS} were taken: page it with nextCursor.`;
}

/** The same where `item_clicked` was answered with more entries than are taken. */
export function threadWarning(json: unknown, itemId: string): string | null {
  const length = threadLength(json, itemId);
  if (length <= MAX_ENTRIES) return null;
  return `The answer holds ${length} entries, of which the newest ${MAX_ENTRIES} were taken: page it with nextCursor.`;
}

function channelOf(itemId: string | undefined, context: AnswerContext): string | undefined {
  return itemId === undefined ? undefined : channel(context, (secret) => conversationChannel(secret, itemId));
}

function channel({ tab, now }: AnswerContext, nameWith: (secret: string) => string): string | undefined {
  const secret = handedOutSecret(tab.signing, now);
  return tab.tab.category === "messaging" && secret !== null ? nameWith(secret) : undefined;
}
