import { SignJWT } from "jose";
import type { ValidateWidgetAnswer } from "../../../shared/api/validate_widget.ts";
import type { TestStack } from "../../support/stack.ts";

export interface Answer {
  status: number;
  headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests look into answers freely, and say what they expect there
  body: any;
}

/** Calls a function as a browser or a server would; the body is parsed if it is JSON. */
export async function callFunction(stack: TestStack, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${stack.apiUrl}/functions/v1/${path}`, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
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
  const validated: ValidateWidgetAnswer = body;
  const authorization = `Bearer ${validated.session}`;
  return {
    validated,
    tabFetch: (query, headers = {}) =>
      callFunction(stack, `tab-fetch?${query}`, { headers: { authorization, ...headers } }),
    tabAction: (action) => callFunction(stack, "tab-action", postJson(action, { authorization })),
  };
}
