import * as z from "zod";
import { callDatabase } from "./call_database.ts";
import type { Json } from "./database_types.ts";
import { type KeyCaller, requireKey, understood } from "./key_calls.ts";

const answerSchema = z.object({
  result: z.record(z.string(), z.unknown()),
  /** Where a message waits for a bot. */
  bot: z.object({ agentId: z.string(), conversationId: z.string(), tabId: z.string().nullable() }).nullish(),
});

interface RestCall {
  scope: string;
  operation: string;
  args: Record<string, unknown>;
  idempotencyKey: string | null;
}

/**
 * Does an operation of the REST API. Throws `invalid_api_key`, `rate_limited`, `forbidden` without the scope, and what the
 * operation refuses: `invalid_request`, `agent_not_found`, `item_not_found`, `conflict`.
 */
export async function restCall(
  { keyHash, addressHash }: KeyCaller,
  { scope, operation, args, idempotencyKey }: RestCall,
): Promise<z.infer<typeof answerSchema>> {
  const answer = await understood(callDatabase("rest_call", {
    p_key_hash: keyHash,
    p_scope: scope,
    p_operation: operation,
    p_args: args as Json,
    p_idempotency_key: idempotencyKey,
    p_address_hash: addressHash,
  }));
  requireKey(answer);
  return answerSchema.parse(answer);
}
