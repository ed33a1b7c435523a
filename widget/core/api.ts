import type { TabActionRequest } from "../../shared/api/tab_action.ts";
import type { TabAnswerRequest } from "../../shared/api/tab_answer.ts";
import type { TabFetchAnswer } from "../../shared/api/tab_fetch.ts";
import type { ValidateWidgetAnswer, ValidateWidgetRequest } from "../../shared/api/validate_widget.ts";
import type { Result } from "../../client/http/problem.ts";
import { readBody, type Shape, type Transport } from "../../client/http/transport.ts";
import { FETCHED, VALIDATED } from "./answers.ts";

/** Sent as `x-heddle-client`, so that a server can tell releases apart. */
export const CLIENT = "widget/0.1.0";

/** `answer` is null when the list is still the one with the given ETag. */
export interface FetchedTab {
  answer: TabFetchAnswer | null;
  etag?: string;
}

/** The tab calls of one visitor. */
export interface Calls {
  fetchTab(tabId: string, known: { cursor?: string; etag?: string }): Promise<Result<FetchedTab>>;
  /** `shape` is what the answer to this action must hold. */
  act<Answer>(request: TabActionRequest, shape: Shape<Answer>): Promise<Result<Answer>>;
  /** Has `read` take the events of a bot's answer, however long that takes, until the signal. */
  follow(
    request: TabAnswerRequest,
    read: (response: Response) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Result<void>>;
}

/** Runs a call with a session that it finds, and renews if that has ended. */
export type WithSession = <Value>(
  request: (session: string) => Promise<Result<Value>>,
) => Promise<Result<Value>>;

/** The browser's three endpoints. */
export interface Api {
  validate(request: ValidateWidgetRequest): Promise<Result<ValidateWidgetAnswer>>;
  callsWith(withSession: WithSession): Calls;
}

export function createApi(send: Transport): Api {
  function post<Answer>(
    path: string,
    body: unknown,
    read: (response: Response) => Promise<Answer>,
    authorization?: string,
    signal?: AbortSignal,
  ) {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (authorization) headers.authorization = authorization;
    return send(path, { method: "POST", headers, body: JSON.stringify(body), signal }, read);
  }

  return {
    validate: (request) => post("validate-widget", request, (response) => readBody(response, VALIDATED)),
    callsWith: (withSession) => ({
      fetchTab(tabId, { cursor, etag }) {
        const query = new URLSearchParams(cursor ? { tabId, cursor } : { tabId });
        return withSession((session) => {
          const headers: Record<string, string> = { authorization: `Bearer ${session}` };
          if (etag) headers["if-none-match"] = etag;
          return send(`tab-fetch?${query}`, { headers }, async (response) => ({
            answer: etag && response.status === 304 ? null : await readBody(response, FETCHED),
            etag: response.headers.get("etag") ?? undefined,
          }));
        });
      },
      act: (request, shape) =>
        withSession((session) =>
          post("tab-action", request, (response) => readBody(response, shape), `Bearer ${session}`)
        ),
      follow: (request, read, signal) =>
        withSession((session) => post("tab-answer", request, read, `Bearer ${session}`, signal)),
    }),
  };
}
