import { tabAnswerRequest } from "../../../shared/api/tab_answer.ts";
import { HeddleError } from "../../../shared/errors.ts";
import { addressHash, requireSession } from "../_shared/auth/caller.ts";
import { answerConversation } from "../_shared/bots/answer_conversation.ts";
import { relaySetup } from "../_shared/bots/relay.ts";
import { takeTurn } from "../_shared/database/bot_turns.ts";
import { tabContext } from "../_shared/database/tab_context.ts";
import { environment } from "../_shared/environment.ts";
import { endpoint, inBackground } from "../_shared/http/endpoint.ts";
import { openEventStream } from "../_shared/http/event_stream.ts";
import { readJsonBody, validate } from "../_shared/http/request.ts";
import { conversationId } from "../_shared/sources/store/positions.ts";

/**
 * POST tab-answer { tabId, itemId }    Authorization: Bearer <session>
 *
 * Has a bot answer what the visitor has written, and lets them read along: an event stream of `typing`, `message:new`,
 * `message_stream` and `message:updated`, as others in the conversation hear them. Whoever closes it stops nothing. It is about
 * what this visitor has asked, and ends within about a second once they may not read the conversation any more.
 *
 * 200 the stream · 204 there is nothing to answer, or it is being answered already · 401 …_session · 403
 * action_not_enabled · 404 tab_not_found, item_not_found · 429 rate_limited
 */
const fetch = endpoint({ name: "tab-answer", method: "POST", callers: "browsers" }, async (request, call) => {
  const session = await requireSession(request, call);
  const { tabId, itemId } = validate(tabAnswerRequest, await readJsonBody(request));
  const tab = await tabContext(session, tabId, "item_clicked", addressHash(request, environment()));
  if (tab.source !== "store") {
    throw new HeddleError("action_not_enabled", "Bots answer in tabs whose conversations Heddle keeps.");
  }
  const { agentId, endUser, version } = session;
  const id = { endUser: endUser.id, sessionVersion: version };
  const turn = await takeTurn({
    agentId,
    conversationId: conversationId(itemId),
    endUserId: endUser.id,
    reader: id,
  });
  if (turn === null) return new Response(null, { status: 204 });

  const stream = openEventStream();
  const reader = Object.assign(stream, { id });
  const answered = answerConversation(turn, relaySetup(tabId, call, reader)).finally(stream.close);
  inBackground(answered, "answer_conversation", call.requestId);
  return stream.response;
});

export default { fetch };
