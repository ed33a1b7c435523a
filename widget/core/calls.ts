import type { TabActionRequest } from "../../shared/api/tab_action.ts";
import type { Api, FetchedTab } from "./api.ts";
import type { Result } from "../../client/http/result.ts";
import type { Session } from "./session/session.ts";

/** The tab calls of one visitor: with the session, and again if it had ended. */
export interface Calls {
  fetchTab(tabId: string, known: { cursor?: string; etag?: string }): Promise<Result<FetchedTab>>;
  act<Answer>(request: TabActionRequest): Promise<Result<Answer>>;
}

export function createCalls(api: Api, session: Session): Calls {
  return {
    fetchTab: (tabId, known) => session.call((token) => api.fetchTab(token, tabId, known)),
    act: (request) => session.call((token) => api.act(token, request)),
  };
}
