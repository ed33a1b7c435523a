import * as z from "zod";
import { formsOf } from "../mail/address_forms.ts";
import type { ReplyTarget } from "../mail/reply_address.ts";
import { callDatabase } from "./call_database.ts";

const answerSchema = z.object({
  outcome: z.enum(["posted", "held", "known", "empty", "refused"]),
  agentId: z.string().nullish(),
  /** Where a message waits for a bot. */
  bot: z.object({ agentId: z.string(), conversationId: z.string(), tabId: z.string().nullable() }).nullish(),
});

export interface Reply {
  target: ReplyTarget;
  /** A uuid; the same mail has the same one. */
  clientId: string;
  from: string;
  subject: string;
  body: string;
  /** Why it may be somebody else's; `null` where nothing speaks against it. */
  doubt: string | null;
  /** Whether its sender's domain vouches for it (DMARC): then another form of the same mailbox is the same sender. */
  isVouchedFor: boolean;
}

/** Adds an answer to its conversation, or holds it; the outcome says which. */
export async function receiveMail(
  { target, clientId, from, subject, body, doubt, isVouchedFor }: Reply,
): Promise<z.infer<typeof answerSchema>> {
  const json = await callDatabase("receive_mail", {
    p_conversation_id: target.conversationId,
    p_audience: target.audience,
    p_recipient: target.recipient,
    p_client_id: clientId,
    p_mail: { from, forms: formsOf(from), subject, body, doubt, vouched: isVouchedFor },
  });
  return answerSchema.parse(json);
}
