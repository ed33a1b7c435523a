import type {
  CreateItemAnswer,
  DeleteItemAnswer,
  ItemClickedAnswer,
  TabActionRequest,
  UpdateItemAnswer,
} from "../../../../../shared/api/tab_action.ts";
import type { TabContext } from "../../database/tab_context.ts";
import type { Session } from "../../auth/session.ts";
import { conversationChannel } from "../../realtime/channel_names.ts";
import { handedOutSecret } from "../../realtime/signing.ts";
import { requireDeleted, requireDone } from "./normalise/done.ts";
import { holdsList } from "./normalise/list.ts";
import { normaliseThread } from "./normalise/thread.ts";
import { normaliseWritten } from "./normalise/written.ts";

type Answer = ItemClickedAnswer | CreateItemAnswer | UpdateItemAnswer | DeleteItemAnswer;

/** Who asked, where, and when (milliseconds). */
export interface ActionContext {
  tab: TabContext;
  endUser: Session["endUser"];
  now: number;
}

/**
 * Turns the owner's JSON into the answer to the action. Throws `source_invalid`.
 * A conversation's channel is a licence to listen: it is handed out only where the owner's own answer names the item.
 */
export function answerTo(request: TabActionRequest, json: unknown, context: ActionContext): Answer {
  const endUserId = context.endUser.id;
  switch (request.action) {
    case "item_clicked": {
      const { item, confirmed, entries, nextCursor } = normaliseThread(json, request.itemId, endUserId);
      return {
        item,
        entries,
        nextCursor,
        conversationChannel: channelOf(confirmed ? item.id : undefined, context),
      };
    }
    case "create_item": {
      requireDone(json);
      const bare = context.tab.tab.category === "messaging" ? "entry_if_body" : "item";
      const { item, entry, confirmed } = normaliseWritten(json, {
        authors: { endUserId, otherwise: "visitor" },
        itemId: request.itemId,
        bare,
      });
      return { item, entry, conversationChannel: channelOf(confirmed ? item?.id : undefined, context) };
    }
    case "update_item": {
      requireDone(json);
      const bare = request.entryId === undefined ? "item" : "entry";
      const { item, entry } = normaliseWritten(json, {
        authors: { endUserId, otherwise: "operator" },
        itemId: request.itemId,
        bare,
      });
      return { item, entry };
    }
    case "delete_item":
      requireDeleted(json);
      return { deleted: true };
  }
}

/**
 * For the owner, where `create_item` was answered with a list of which nothing could be taken: a webhook that answers every action as
 * `get_items` has stored nothing, and the visitor's message goes with the next fetch. `null` otherwise; `{}` is a fine answer.
 */
export function doubtAbout(request: TabActionRequest, json: unknown, answer: Answer): string | null {
  const isNamed = ("item" in answer && answer.item) || ("entry" in answer && answer.entry);
  if (request.action !== "create_item" || isNamed || !holdsList(json)) return null;
  return "The answer to create_item is a list, as get_items has it, and names no entry. Was anything stored?";
}

function channelOf(itemId: string | undefined, { tab, now }: ActionContext): string | undefined {
  if (itemId === undefined || tab.tab.category !== "messaging") return undefined;
  const secret = handedOutSecret(tab.signing, now);
  return secret === null ? undefined : conversationChannel(secret, itemId);
}
