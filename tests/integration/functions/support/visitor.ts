import { SignJWT } from "jose";
import type { RealtimePublishAnswer } from "../../../../shared/api/realtime_publish.ts";
import type {
  CreateItemAnswer,
  ItemClickedAnswer,
  TooManyChanges,
} from "../../../../shared/api/tab_action.ts";
import type { TabFetchAnswer } from "../../../../shared/api/tab_fetch.ts";
import { type ValidateWidgetAnswer, validateWidgetAnswer } from "../../../../shared/api/validate_widget.ts";
import type { ErrorBody } from "../../../../shared/errors.ts";
import type { TestStack } from "../../../support/stack.ts";

/** Whatever a function may answer; a test says what it expects to be there. */
type AnswerBody = Partial<
  & ValidateWidgetAnswer
  & TabFetchAnswer
  & ItemClickedAnswer
  & CreateItemAnswer
  & Partial<TooManyChanges>
  & RealtimePublishAnswer
  & ErrorBody
>;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** `{}` if the answer is not JSON. */
  body: AnswerBody;
}

/** Calls a function as a browser or a server would. */
export async function callFunction(stack: TestStack, path: string, init: RequestInit = {}): Promise<Answer> {
  return await answerOf(await fetch(`${stack.apiUrl}/functions/v1/${path}`, init));
}

export async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = headers.get("content-type")?.startsWith("application/json") ?? false;
  return { status, headers, text, body: isJson ? JSON.parse(text) : {} };
}

export function postJson(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

/** A token as the owner's backend mints it; `undefined` takes a claim away. */
export async function userToken(stack: TestStack, claims: Record<string, unknown> = {}): Promise<string> {
  return await new SignJWT({ sub: "shopper-7", exp: Math.floor(Date.now() / 1000) + 3600, ...claims })
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(stack.agent.signingSecret));
}

/** Validates as the widget on the owner's page does. `origin`: the page's. */
export async function validateWidget(
  stack: TestStack,
  origin: string,
  body: Record<string, unknown>,
): Promise<Answer> {
  return await callFunction(stack, "validate-widget", postJson(body, { origin }));
}

/** A signed-in visitor of the demo agent. */
export interface Visitor {
  validated: ValidateWidgetAnswer;
  /** `query` without the question mark. */
  tabFetch(query: string, headers?: Record<string, string>): Promise<Answer>;
  tabAction(body: unknown): Promise<Answer>;
}

export async function signIn(
  stack: TestStack,
  origin: string,
  claims: Record<string, unknown> = {},
): Promise<Visitor> {
  const token = await userToken(stack, claims);
  const { status, body } = await validateWidget(stack, origin, { agentId: stack.agent.id, userToken: token });
  if (status !== 200) throw new Error(`validate-widget answered ${status}: ${JSON.stringify(body)}`);
  const validated = validateWidgetAnswer.parse(body);
  const authorization = `Bearer ${validated.session}`;
  return {
    validated,
    tabFetch: (query, headers = {}) =>
      callFunction(stack, `tab-fetch?${query}`, { headers: { authorization, ...headers } }),
    tabAction: (action) => callFunction(stack, "tab-action", postJson(action, { authorization })),
  };
}
