import { expectDescribedByOpenApi } from "../../../support/described.ts";
import type { TestStack } from "../../../support/stack.ts";

export const REST_SCOPES = ["conversations", "rooms", "visitors", "notifications"]
  .flatMap((resource) => [`${resource}:read`, `${resource}:write`]);

export interface RestAnswer {
  status: number;
  headers: Headers;
  text: string;
  // deno-lint-ignore no-explicit-any -- Each test says what it expects to be there.
  body: any;
}

export type Caller = (
  method: string,
  path: string,
  options?: { body?: unknown; headers?: Record<string, string> },
) => Promise<RestAnswer>;

/** Calls the REST API with a key, as an owner's backend does. What is sent and answered is as docs/openapi.json says. */
export function restCaller(stack: TestStack, key: string | null): Caller {
  return async (method, path, { body, headers = {} } = {}) => {
    const response = await fetch(`${stack.apiUrl}/functions/v1/api${path}`, {
      method,
      headers: {
        ...(key === null ? {} : { "x-api-key": key }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const answer = JSON.parse(text);
    const { status } = response;
    expectDescribedByOpenApi({ method, path, body, headers, status, answer });
    return { status, headers: response.headers, text, body: answer };
  };
}
