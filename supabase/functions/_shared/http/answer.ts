import { HeddleError } from "../../../../shared/errors.ts";

/** A JSON answer; the endpoint adds the headers that every answer has. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}

/** The one place where an error becomes an answer. What was not thrown on purpose tells nothing of itself. */
export function errorResponse(error: HeddleError): Response {
  return json(error, error.status, error.headers);
}

/** Any thrown value as the error the caller may see. */
export function asHeddleError(error: unknown): HeddleError {
  if (error instanceof HeddleError) return error;
  return new HeddleError("internal", "Something went wrong here; the request id finds it in the logs.", {
    cause: error,
  });
}

/** `retryAfter` in seconds. */
export function rateLimited(retryAfter: number): HeddleError {
  return new HeddleError("rate_limited", "Too many requests; wait before the next one.", {
    headers: { "retry-after": String(Math.max(1, Math.ceil(retryAfter))) },
  });
}
