/**
 * Supabase's management API, as far as a deployment needs it.
 * Source: https://supabase.com/docs/reference/api
 */
import type { ZodType } from "zod";
import { Failure, messageOf } from "../errors.ts";
import { jsonIn } from "../connection/json.ts";
import { patiently } from "./patiently.ts";

/** Bundling a function may take a minute. */
const ANSWER_MS = 150_000;
export const MANAGEMENT_URL = "https://api.supabase.com";

export interface ManagementApi {
  /**
   * Calls a path below the project and returns what the schema makes of its answer. Only calls that may be made twice: one that did not
   * get through, or met a fault of the server, is made again. Throws a `Failure` that says what to do.
   */
  call<T>(answer: ZodType<T>, method: string, path: string, body?: FormData | object): Promise<T>;
}

export function openManagementApi(
  { baseUrl, ref, token }: { baseUrl: string; ref: string; token: string },
): ManagementApi {
  return {
    async call(schema, method, path, body) {
      const { status, text } = await patiently(() => send(method, path, body)).catch((error: unknown) => {
        throw new Failure(
          `${baseUrl} does not answer (${messageOf(error)}). Check your connection, then deploy again.`,
        );
      });
      if (status >= 300) throw new Failure(explained(status, reasonIn(text), `${method} ${path}`, ref));
      const parsed = schema.safeParse(jsonIn(text));
      if (parsed.success) return parsed.data;
      throw new Failure(
        `Supabase answered ${method} ${path} in a way that this version does not know: update the checkout, then deploy again.`,
      );
    },
  };

  function send(method: string, path: string, body?: FormData | object): Promise<Response> {
    const isForm = body === undefined || body instanceof FormData;
    return fetch(`${baseUrl}/v1/projects/${ref}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(isForm ? {} : { "content-type": "application/json" }),
      },
      body: isForm ? body : JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  }
}

function explained(status: number, reason: string, call: string, ref: string): string {
  if (status === 401) {
    return "Supabase does not accept this access token: make one at https://supabase.com/dashboard/account/tokens and set SUPABASE_ACCESS_TOKEN.";
  }
  if (status === 403) {
    return `The access token may not do this (${call}): it needs read and write for edge functions and for the Data API's settings of project ${ref}.`;
  }
  if (status === 404) {
    return `The access token's account has no project ${ref}: check --url or --project-ref, and whose token it is.`;
  }
  if (status === 429) {
    return "Supabase takes no more calls with this access token for a minute: deploy again then.";
  }
  const why = reason === "" ? "without a reason" : reason.replace(/\.?$/, "");
  if (status >= 500) {
    return `Supabase answered ${call} with status ${status}, ${why}: look at status.supabase.com, then deploy again.`;
  }
  return `Supabase refused ${call} with status ${status}: ${why}. Put that right, then deploy again.`;
}

function reasonIn(text: string): string {
  const answer = jsonIn(text);
  const message = typeof answer === "object" && answer !== null && "message" in answer ? answer.message : "";
  return typeof message === "string" ? message : "";
}
