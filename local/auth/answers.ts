/** The refusals of Auth, in the forms of its two API versions. Source: supabase/auth, internal/api/errors.go. */

const VERSION_HEADER = "x-supabase-api-version";
const VERSION = "2024-01-01";

/** A refusal of Auth. `status` is HTTP's, `code` one of Auth's documented error codes. */
export class AuthError extends Error {
  override name = "AuthError";
  readonly status: number;
  readonly code: string;
  readonly details: Record<string, unknown>;

  constructor(status: number, code: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** The answer for a request that failed, in the form of the API version that its client asked for. */
export function errorAnswer({ status, code, message, details }: AuthError, request: Request): Response {
  const isVersioned = (request.headers.get(VERSION_HEADER) ?? "") >= VERSION;
  const body = isVersioned
    ? { code, message, ...details }
    : { code: status, error_code: code, msg: message, ...details };
  const headers = { "x-sb-error-code": code, ...(isVersioned ? { [VERSION_HEADER]: VERSION } : {}) };
  return Response.json(body, { status, headers });
}

/** What is answered for an error that Auth did not foresee. */
export function unexpectedFailure(): AuthError {
  return new AuthError(
    500,
    "unexpected_failure",
    "Unexpected failure, please check server logs for more information",
  );
}

export function invalid(message: string): AuthError {
  return new AuthError(400, "validation_failed", message);
}
