import { type TabActionRequest, tabActionRequest } from "../../../shared/api/tab_action.ts";
import { addressHash, requireSession } from "../_shared/auth/caller.ts";
import { answerSoon } from "../_shared/bots/relay.ts";
import { tabContext } from "../_shared/database/tab_context.ts";
import { deliverSoon } from "../_shared/deliveries/deliver_soon.ts";
import { environment } from "../_shared/environment.ts";
import { parseJsonWithDigits } from "../_shared/http/body.ts";
import { endpoint, json } from "../_shared/http/endpoint.ts";
import { readJsonBody, validate } from "../_shared/http/request.ts";
import { type Source, type SourceOf, sourceOf } from "../_shared/sources/source.ts";

/**
 * POST tab-action { tabId, action, … }    Authorization: Bearer <session>
 *
 * Passes one action of the visitor to the tab's source: `item_clicked` reads a thread, `create_item`,
 * `update_item` and `delete_item` write, `typing` is told to whoever else is in the conversation, `office` tells whether somebody is there. Where a bot is to answer
 * what was written, it is called soon, unless the visitor comes to read along (tab-answer).
 *
 * 200 the action's answer · 401 …_session · 403 action_not_enabled · 404 tab_not_found, item_not_found · 409
 * conflict · 422 source_rejected · 429 rate_limited · 502, 504 source_…
 */
export function tabAction(sourceOf: SourceOf) {
  return endpoint({ name: "tab-action", method: "POST", callers: "browsers" }, async (request, call) => {
    const session = await requireSession(request, call);
    const action = validate(tabActionRequest, await readJsonBody(request, { parse: parseJsonWithDigits }));
    const tab = await tabContext(
      session,
      action.tabId,
      chargedAs(action),
      addressHash(request, environment()),
    );

    const onAsked = (conversationId: string) => {
      answerSoon({ agentId: session.agentId, tabId: action.tabId, conversationId }, call);
    };
    const answer = await perform(action, sourceOf(tab, session, call), onAsked);
    if (tab.source === "store" && isWrite(action)) deliverSoon(session.agentId, call);
    return json(answer);
  });
}

/** Receipts come by themselves while somebody reads: they must not use up what the visitor may write. */
function chargedAs(request: TabActionRequest): TabActionRequest["action"] | "receipt" {
  if (request.action !== "update_item") return request.action;
  const isReceipt = Object.keys(request.changes).every((change) =>
    change === "read" || change === "delivered"
  );
  return isReceipt ? "receipt" : request.action;
}

/** What others may want to hear of at once. */
function isWrite(request: TabActionRequest): boolean {
  return !["item_clicked", "typing", "office", "receipt"].includes(chargedAs(request));
}

/** `onAsked` gets the id of a conversation in which a bot is to answer. */
function perform(request: TabActionRequest, source: Source, onAsked: (conversationId: string) => void) {
  switch (request.action) {
    case "item_clicked":
      return source.thread(request);
    case "create_item":
      return source.create(request).then((answer) => {
        if (answer.answering && answer.item) onAsked(answer.item.id);
        return answer;
      });
    case "update_item":
      return source.update(request);
    case "delete_item":
      return source.remove(request);
    case "typing":
      return source.typing(request);
    case "office":
      return source.office();
  }
}

export default { fetch: tabAction(sourceOf) };
