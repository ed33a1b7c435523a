import { tabActionRequest } from "../../../shared/api/tab_action.ts";
import { tabContext } from "../_shared/database/tab_context.ts";
import { requireSession } from "../_shared/auth/require_session.ts";
import { environment } from "../_shared/environment.ts";
import { readJsonBody, validate } from "../_shared/http/request.ts";
import { addressHash } from "../_shared/auth/client_address.ts";
import { endpoint } from "../_shared/http/endpoint.ts";
import { json } from "../_shared/http/answer.ts";
import { answerTo, doubtAbout } from "../_shared/sources/webhook/tab_actions.ts";
import { askOwner } from "../_shared/sources/webhook/ask_owner.ts";
import { ownerLine } from "../_shared/sources/webhook/owner_line.ts";

/**
 * POST tab-action { tabId, action, … }    Authorization: Bearer <session>
 *
 * Passes one action of the visitor to the owner's webhook: `item_clicked` reads a thread, `create_item`, `update_item` and `delete_item`
 * write.
 *
 * 200 the action's answer · 401 …_session · 403 action_not_enabled · 404 tab_not_found, item_not_found · 409 conflict ·
 * 422 source_rejected · 429 rate_limited · 502, 504 source_…
 */
const fetch = endpoint(
  { name: "tab-action", method: "POST", callers: "browsers" },
  async (request, call) => {
    const session = await requireSession(request, call);
    const action = validate(tabActionRequest, await readJsonBody(request));
    const { agentId, endUser } = session;
    const tab = await tabContext(session, action.tabId, action.action, addressHash(request, environment()));

    const context = { tab, endUser, now: call.startedAt };
    const answer = await askOwner(
      {
        agentId,
        tab,
        message: { ...action, endUser },
        normalise: (source) => answerTo(action, source, context),
        doubt: (source, answer) => doubtAbout(action, source, answer),
      },
      ownerLine(call),
      call,
    );
    return json(answer);
  },
);

export default { fetch };
