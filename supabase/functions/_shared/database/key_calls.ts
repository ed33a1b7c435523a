import * as z from "zod";
import { type ErrorCode, HeddleError } from "../../../../shared/errors.ts";
import { invalidApiKey } from "../auth/api_key.ts";
import { rateLimited } from "../http/endpoint.ts";
import { DatabaseError } from "./call_database.ts";

/** A key as the database knows it: SHA-256, lowercase hex, and the address that unknown ones are charged to. */
export interface KeyCaller {
  keyHash: string;
  addressHash: string | null;
}

const outcomeSchema = z.object({
  outcome: z.enum(["ok", "key_not_found", "rate_limited"]),
  retryAfter: z.number().optional(),
});

const CODE_OF: Record<string, ErrorCode> = {
  PT400: "invalid_request",
  PT403: "forbidden",
  PT404: "item_not_found",
  PT409: "conflict",
  PT410: "cursor_expired",
};

/** Throws `invalid_api_key` or `rate_limited` where the database says so of the key that a call came with. */
export function requireKey(answer: unknown): void {
  const { outcome, retryAfter } = outcomeSchema.parse(answer);
  if (outcome === "rate_limited") throw rateLimited(retryAfter ?? 1);
  if (outcome === "key_not_found") throw invalidApiKey();
}

/** What the database answers. What it refuses is thrown as the caller may see it. */
export async function understood<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (cause) {
    if (!(cause instanceof DatabaseError)) throw cause;
    const code = cause.reason === "agent_not_found" ? cause.reason : CODE_OF[cause.code];
    if (code) throw new HeddleError(code, cause.details ?? sentenceOf(code), { cause });
    // PostgREST's own: no token of this project, or one that is over. 42501: a key in a token's place.
    if (!/^PGRST30\d$|^42501$/.test(cause.code)) throw cause;
    throw new HeddleError(
      "invalid_session",
      "The access token must be one of Supabase Auth, and not expired.",
      { cause },
    );
  }
}

function sentenceOf(code: ErrorCode): string {
  if (code === "agent_not_found") {
    return "The agent must be one that the key is for, or whose visitors the caller answers.";
  }
  if (code === "item_not_found") return "There is nothing with this id that the key is for.";
  return "The request must be one that can be done.";
}
