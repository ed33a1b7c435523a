/** HTTP status of every error code an endpoint of Heddle may answer with. */
export const ERROR_STATUS = {
  invalid_json: 400,
  invalid_request: 400,
  missing_api_key: 401,
  invalid_api_key: 401,
  missing_session: 401,
  invalid_session: 401,
  expired_session: 401,
  invalid_user_token: 401,
  origin_not_allowed: 403,
  action_not_enabled: 403,
  anonymous_not_allowed: 403,
  forbidden: 403,
  agent_not_found: 404,
  tab_not_found: 404,
  item_not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  cursor_expired: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  source_rejected: 422,
  rate_limited: 429,
  too_many_connections: 429,
  internal: 500,
  source_failed: 502,
  source_invalid: 502,
  realtime_unavailable: 503,
  unavailable: 503,
  source_timeout: 504,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** One field that broke the schema: `path` in dot notation, `message` says what must hold. */
export interface FieldIssue {
  path: string;
  message: string;
}

/** The body of every answer with a status of 400 or more. */
export interface ErrorBody {
  error: { code: ErrorCode; message: string; issues?: FieldIssue[] };
}

interface HeddleErrorOptions {
  issues?: FieldIssue[];
  headers?: Record<string, string>;
  cause?: unknown;
}

/** The only error an endpoint throws on purpose. Its `message` is shown to the caller, so it holds no secret. */
export class HeddleError extends Error {
  override readonly name = "HeddleError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly issues?: FieldIssue[];
  /** Response headers that belong to the error, such as `Retry-After` (seconds) or `Allow`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, options: HeddleErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = ERROR_STATUS[code];
    this.issues = options.issues;
    this.headers = options.headers ?? {};
  }

  toJSON(): ErrorBody {
    const { code, message, issues } = this;
    return { error: issues ? { code, message, issues } : { code, message } };
  }
}

/** Of a query parameter that may come once only. */
export function givenTwice(path: string): HeddleError {
  return new HeddleError("invalid_request", "The request must follow the schema of this endpoint.", {
    issues: [{ path, message: "must be given once" }],
  });
}
