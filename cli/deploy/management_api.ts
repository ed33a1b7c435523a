/**
 * The part of Supabase's management API that a deployment needs.
 * Source: https://supabase.com/docs/reference/api
 */
import { array, object, string, type ZodType } from "zod";
import { type Answer, jsonIn, send, withRetry } from "../connection/http.ts";
import { CliError, messageOf } from "../errors.ts";

/** Bundling a function may take a minute. */
const ANSWER_MS = 150_000;
export const MANAGEMENT_URL = "https://api.supabase.com";

export interface ManagementApi {
  /**
   * Calls a path below the project and returns its answer, read by the schema. Only calls that may be made twice: one that
   * did not get through, or that the server failed to answer, is repeated once. Throws a `CliError` that says what to do.
   */
  call<T>(answer: ZodType<T>, method: string, path: string, body?: FormData | object): Promise<T>;
}

export function openManagementApi(
  { baseUrl, ref, token }: { baseUrl: string; ref: string; token: string },
): ManagementApi {
  return {
    async call(schema, method, path, body) {
      const { status, text } = await withRetry(() => request(method, path, body)).catch((error: unknown) => {
        throw new CliError(
          "unreachable",
          `${baseUrl} does not answer (${messageOf(error)}). Check your connection, then deploy again.`,
        );
      });
      if (status >= 300) throw explained(status, reasonIn(text), `${method} ${path}`, ref);
      const parsed = schema.safeParse(jsonIn(text));
      if (parsed.success) return parsed.data;
      throw new CliError(
        "unexpected_answer",
        `Supabase's answer to ${method} ${path} has an unknown shape: update Heddle, then deploy again.`,
      );
    },
  };

  function request(method: string, path: string, body?: FormData | object): Promise<Answer> {
    const isForm = body === undefined || body instanceof FormData;
    return send(`${baseUrl}/v1/projects/${ref}${path}`, {
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

/** The names, never the values, of the secrets that the project's functions get as their environment. */
export async function secretNames(api: ManagementApi): Promise<string[]> {
  const secrets = await api.call(array(object({ name: string() })), "GET", "/secrets");
  return secrets.map(({ name }) => name);
}

function explained(status: number, reason: string, call: string, ref: string): CliError {
  if (status === 401) {
    return new CliError(
      "access_denied",
      "Supabase does not accept this access token: make one at https://supabase.com/dashboard/account/tokens and set SUPABASE_ACCESS_TOKEN.",
    );
  }
  if (status === 403) {
    return new CliError(
      "access_denied",
      `The access token may not do this (${call}): it needs read and write for edge functions and for the Data API's settings of project ${ref}.`,
    );
  }
  if (status === 404) {
    return new CliError(
      "not_found",
      `The access token's account has no project ${ref}: check --url or --project-ref, and whose token it is.`,
    );
  }
  if (status === 429) {
    return new CliError(
      "rejected",
      "Supabase accepts no more calls with this access token for a minute: deploy again after that.",
    );
  }
  const why = reason === "" ? "without a reason" : reason.replace(/\.?$/, "");
  if (status >= 500) {
    return new CliError(
      "unreachable",
      `Supabase answered ${call} with status ${status}, ${why}: look at status.supabase.com, then deploy again.`,
    );
  }
  return new CliError(
    "rejected",
    `Supabase refused ${call} with status ${status}: ${why}. Correct that, then deploy again.`,
  );
}

function reasonIn(text: string): string {
  const answer = jsonIn(text);
  const message = typeof answer === "object" && answer !== null && "message" in answer ? answer.message : "";
  return typeof message === "string" ? message : "";
}
