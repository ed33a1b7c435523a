/** Codes that Realtime puts before the reason of a refused join (its ERROR_CODES.md). */
export const REALTIME_ERROR_CODES = [
  "Unauthorized",
  "TopicNameRequired",
  "PrivateOnly",
  "RealtimeDisabledForTenant",
  "ChannelRateLimitReached",
  "ClientJoinRateLimitReached",
  "InvalidJWTToken",
  "MalformedJWT",
  "JwtSignatureError",
  "JwtSignerError",
  "UnableToReplayMessages",
  "MissingPartition",
  "RlsPolicyError",
  "IncreaseConnectionPool",
  "UnknownErrorOnChannel",
] as const;

export type RealtimeErrorCode = typeof REALTIME_ERROR_CODES[number];

/** A refusal that a client gets to read. */
export class RealtimeError extends Error {
  readonly code: RealtimeErrorCode;

  constructor(code: RealtimeErrorCode, message: string) {
    super(message);
    this.name = "RealtimeError";
    this.code = code;
  }

  /** As it stands in the reply to a refused join. */
  get reason(): string {
    return `${this.code}: ${this.message}`;
  }
}

/** The reason when something failed that has no code of its own. */
export const UNKNOWN_REASON = "Unknown Error on Channel";
