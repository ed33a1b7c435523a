import { type TabFetchAnswer, tabFetchRequest } from "../../../shared/api/tab_fetch.ts";
import { tabContext } from "../_shared/database/tab_context.ts";
import { requireSession } from "../_shared/auth/require_session.ts";
import { userChannel } from "../_shared/realtime/channel_names.ts";
import { handedOutSecret } from "../_shared/realtime/signing.ts";
import { environment } from "../_shared/environment.ts";
import { addressHash } from "../_shared/auth/client_address.ts";
import { endpoint } from "../_shared/http/endpoint.ts";
import { isUnchanged, weakEtag } from "../_shared/http/etag.ts";
import { json } from "../_shared/http/answer.ts";
import { queryOf, validate } from "../_shared/http/request.ts";
import { normaliseList } from "../_shared/sources/webhook/normalise/list.ts";
import { askOwner } from "../_shared/sources/webhook/ask_owner.ts";
import { ownerLine } from "../_shared/sources/webhook/owner_line.ts";

/**
 * GET tab-fetch?tabId=&cursor=    Authorization: Bearer <session>
 *
 * One page of a tab's list, as the owner's `get_items` webhook answers it. Messaging tabs add the channel on which the
 * visitor's refetch hints arrive.
 *
 * 200 TabFetchAnswer with a weak ETag · 304 for a matching If-None-Match · 401 …_session · 403 action_not_enabled ·
 * 404 tab_not_found · 429 rate_limited · 502, 504 source_…
 */
const fetch = endpoint(
  { name: "tab-fetch", method: "GET", callers: "browsers" },
  async (request, call) => {
    const session = await requireSession(request, call);
    const { tabId, cursor } = validate(tabFetchRequest, queryOf(request));
    const { agentId, endUser } = session;
    const tab = await tabContext(session, tabId, "get_items", addressHash(request, environment()));

    const message = { action: "get_items", tabId, endUser, cursor } as const;
    const list = await askOwner({ agentId, tab, message, normalise: normaliseList }, ownerLine(call), call);

    const answer: TabFetchAnswer = { ...list };
    const secret = handedOutSecret(tab.signing, call.startedAt);
    if (tab.tab.category === "messaging" && secret !== null) {
      answer.listChannel = userChannel(secret, agentId, endUser.id);
    }
    const etag = weakEtag([agentId, endUser.id, tabId, cursor ?? "", JSON.stringify(answer)]);
    if (isUnchanged(request, etag)) return new Response(null, { status: 304, headers: { etag } });
    return json(answer, 200, { etag });
  },
);

export default { fetch };
