/** An error body as PostgREST writes it. */
export interface RestError {
  code: string;
  message: string;
  details: string | null;
  hint: string | null;
}

/** What Postgres says about a failed statement, as drivers hand it on. */
export interface DatabaseError {
  code: string;
  message: string;
  detail?: string;
  hint?: string;
}

/**
 * HTTP status by SQLSTATE or its class, the longest prefix that fits; 400 for all others.
 * Source: docs.postgrest.org/en/stable/references/errors.html
 */
const STATUS_BY_SQLSTATE: Readonly<Record<string, number>> = {
  "08": 503,
  "09": 500,
  "0L": 403,
  "0P": 403,
  "23503": 409,
  "23505": 409,
  "25": 500,
  "25006": 405,
  "28": 403,
  "2D": 500,
  "38": 500,
  "39": 500,
  "3B": 500,
  "40": 500,
  "42883": 404,
  "42P01": 404,
  "42P17": 500,
  "53": 503,
  "53400": 500,
  "54": 500,
  "55": 500,
  "57": 500,
  "58": 500,
  "F0": 500,
  "HV": 500,
  "P0": 500,
  "P0001": 400,
  "XX": 500,
};

/** `raise sqlstate 'PT409'` chooses the status itself. */
const CHOSEN_STATUS = /^PT(\d{3})$/;
const INSUFFICIENT_PRIVILEGE = "42501";

/** An error response in the shape that PostgREST sends. */
export function restError(
  status: number,
  code: string,
  message: string,
  more: { details?: string; hint?: string } = {},
): Response {
  const body: RestError = { code, message, details: more.details ?? null, hint: more.hint ?? null };
  return Response.json(body, { status, headers: { "proxy-status": `PostgREST; error=${code}` } });
}

/** The answer to a statement that Postgres refused; `role` is the one that ran it. */
export function databaseErrorResponse(error: DatabaseError, role: string): Response {
  return restError(statusOf(error.code, role), error.code, error.message, {
    details: error.detail,
    hint: error.hint,
  });
}

function statusOf(sqlState: string, role: string): number {
  const chosen = CHOSEN_STATUS.exec(sqlState)?.[1];
  if (chosen) return Number(chosen);
  // An anonymous caller may be allowed after signing in.
  if (sqlState === INSUFFICIENT_PRIVILEGE) return role === "anon" ? 401 : 403;
  return STATUS_BY_SQLSTATE[sqlState] ?? STATUS_BY_SQLSTATE[sqlState.slice(0, 2)] ?? 400;
}

export function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && error.name === "PostgresError" && "code" in error;
}

/** Whether the database could not be reached, or went away during the call. */
export function isConnectionError(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(?:CONNECT|ECONN|EPIPE)/.test(code);
}
