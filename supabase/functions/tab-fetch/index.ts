import { tabFetchRequest } from "../../../shared/api/tab_fetch.ts";
import { addressHash, requireSession } from "../_shared/auth/caller.ts";
import { tabContext } from "../_shared/database/tab_context.ts";
import { environment } from "../_shared/environment.ts";
import { endpoint, json } from "../_shared/http/endpoint.ts";
import { isUnchanged, weakEtag } from "../_shared/http/etag.ts";
import { queryOf, validate } from "../_shared/http/request.ts";
import { type SourceOf, sourceOf } from "../_shared/sources/source.ts";

/**
 * GET tab-fetch?tabId=&cursor=    Authorization: Bearer <session>
 *
 * One page of a tab's list, from the tab's source. Messaging tabs add the channel on which the visitor's
 * refetch hints or changes arrive.
 *
 * 200 TabFetchAnswer with a weak ETag · 304 for a matching If-None-Match · 401 …_session · 403
 * action_not_enabled · 404 tab_not_found · 422 source_rejected · 429 rate_limited · 502, 504 source_…
 */
export function tabFetch(sourceOf: SourceOf) {
  return endpoint({ name: "tab-fetch", method: "GET", callers: "browsers" }, async (request, call) => {
    const session = await requireSession(request, call);
    const page = validate(tabFetchRequest, queryOf(request));
    const tab = await tabContext(session, page.tabId, "get_items", addressHash(request, environment()));

    const answer = await sourceOf(tab, session, call).list(page);

    const { agentId, endUser } = session;
    const etag = weakEtag([agentId, endUser.id, page.tabId, page.cursor ?? "", JSON.stringify(answer)]);
    if (isUnchanged(request, etag)) return new Response(null, { status: 304, headers: { etag } });
    return json(answer, 200, { etag });
  });
}

export default { fetch: tabFetch(sourceOf) };
