import * as z from "zod";
import { HeddleError } from "../../../../shared/errors.ts";
import { callDatabase } from "./call_database.ts";
import { rateLimited } from "../http/endpoint.ts";

const outcomeSchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("ok"), visitorId: z.string() }),
  z.object({ outcome: z.literal("anonymous_not_allowed") }),
  z.object({ outcome: z.literal("rate_limited"), retryAfter: z.number() }),
]);

/**
 * Makes an anonymous visitor and answers their id. `tokenHash`: SHA-256 of the visitor's token, lowercase hex.
 * Throws `anonymous_not_allowed` or `rate_limited`.
 */
export async function createVisitor(
  agentId: string,
  tokenHash: string,
  addressHash: string | null,
): Promise<string> {
  const answer = outcomeSchema.parse(
    await callDatabase("create_visitor", {
      p_agent_id: agentId,
      p_token_hash: tokenHash,
      p_address_hash: addressHash,
    }),
  );
  switch (answer.outcome) {
    case "ok":
      return answer.visitorId;
    case "rate_limited":
      throw rateLimited(answer.retryAfter);
    case "anonymous_not_allowed":
      throw anonymousNotAllowed();
  }
}

export function anonymousNotAllowed(): HeddleError {
  return new HeddleError(
    "anonymous_not_allowed",
    "Send the visitor's userToken; the agent takes no anonymous visitors.",
  );
}
