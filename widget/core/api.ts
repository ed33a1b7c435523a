import type { TabActionRequest } from "../../shared/api/tab_action.ts";
import type { TabFetchAnswer } from "../../shared/api/tab_fetch.ts";
import type { ValidateWidgetAnswer, ValidateWidgetRequest } from "../../shared/api/validate_widget.ts";
import type { Environment } from "../../client/platform/environment.ts";
import type { Scope } from "../../client/platform/scope.ts";
import { CLIENT } from "./version.ts";
import { readProblem, unreachable } from "../../client/http/problem.ts";
import type { Result } from "../../client/http/result.ts";

/** Longer than the 12 s that a tab call may take on the server. */
const TIMEOUT = 15_000;

/** `answer` is null when the list is still the one with the given ETag. */
export interface FetchedTab {
  answer: TabFetchAnswer | null;
  etag?: string;
}

export interface Api {
  validate(request: ValidateWidgetRequest): Promise<Result<ValidateWidgetAnswer>>;
  fetchTab(
    session: string,
    tabId: string,
    known: { cursor?: string; etag?: string },
  ): Promise<Result<FetchedTab>>;
  act<Answer>(session: string, request: TabActionRequest): Promise<Result<Answer>>;
}

/** The browser's three endpoints. Requests end with `scope`; none is repeated here. */
export function createApi(environment: Environment, scope: Scope, apiOrigin: string): Api {
  async function send<Value>(
    path: string,
    init: RequestInit & { headers: Record<string, string> },
    read: (response: Response) => Promise<Value>,
  ): Promise<Result<Value>> {
    const request = scope.child();
    request.after(TIMEOUT, request.end);
    try {
      const response = await environment.fetch(`${apiOrigin}/functions/v1/${path}`, {
        ...init,
        headers: { "x-heddle-client": CLIENT, ...init.headers },
        credentials: "omit",
        signal: request.signal,
      });
      if (response.status >= 400) return await readProblem(response);
      return { ok: true, value: await read(response) };
    } catch {
      // fetch rejects without a reason that could be shown: no network, blocked, timed out, aborted.
      return unreachable();
    } finally {
      request.end();
    }
  }

  function post<Answer>(path: string, body: unknown, session?: string): Promise<Result<Answer>> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (session) headers.authorization = `Bearer ${session}`;
    return send(path, { method: "POST", headers, body: JSON.stringify(body) }, (response) => response.json());
  }

  return {
    validate: (request) => post("validate-widget", request),
    fetchTab(session, tabId, { cursor, etag }) {
      const headers: Record<string, string> = { authorization: `Bearer ${session}` };
      if (etag) headers["if-none-match"] = etag;
      const query = new URLSearchParams(cursor ? { tabId, cursor } : { tabId });
      return send(`tab-fetch?${query}`, { headers }, async (response) => ({
        answer: response.status === 304 ? null : await response.json(),
        etag: response.headers.get("etag") ?? undefined,
      }));
    },
    act: (session, request) => post("tab-action", request, session),
  };
}
