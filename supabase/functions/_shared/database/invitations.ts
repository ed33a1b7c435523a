import * as z from "zod";
import type { InviteMemberRequest } from "../../../../shared/api/invite_member.ts";
import { HeddleError } from "../../../../shared/errors.ts";
import { invitedMemberSchema } from "../../../../shared/management.ts";
import { callDatabase } from "./call_database.ts";
import { understood } from "./key_calls.ts";

const outcomeSchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("ok"),
    everyAgent: z.boolean(),
    mails: z.boolean(),
    isNew: z.boolean(),
  }),
  z.object({ outcome: z.enum(["rate_limited", "address_limited"]), retryAfter: z.number() }),
  z.object({ outcome: z.literal("name_taken") }),
]);
const NAME_TAKEN = "Somebody in the team, or a bot, is called that already.";

/** An invitation that was charged. */
export interface Charged {
  /** Account of the member who invites. */
  by: string;
  /** Whether for all agents of the organisation. */
  everyAgent: boolean;
  /** Whether a mail to the address was charged. */
  mails: boolean;
  /** Whether there was no account with the address. */
  isNew: boolean;
}

/**
 * Charges an invitation by the member with that account, before anything is sent. Throws `agent_not_found` for strangers,
 * `forbidden`, `rate_limited`, `invalid_request`, and `conflict` for a name that is taken or the last owner.
 */
export async function spendInvitation(by: string, request: InviteMemberRequest): Promise<Charged> {
  const { agentId, email, name, role, everyAgent } = request;
  const answer = outcomeSchema.parse(
    await understood(callDatabase("spend_invitation", {
      p_agent_id: agentId,
      p_invited_by: by,
      p_email: email,
      p_name: name ?? null,
      p_role: role ?? null,
      p_every_agent: everyAgent ?? null,
    })),
  );
  if (answer.outcome === "ok") return { by, ...answer };
  if (answer.outcome === "name_taken") {
    throw new HeddleError("conflict", NAME_TAKEN, { issues: [{ path: "name", message: NAME_TAKEN }] });
  }
  throw tooMany(answer.outcome, answer.retryAfter);
}

function tooMany(outcome: "rate_limited" | "address_limited", retryAfter: number): HeddleError {
  const wait = retryAfter > 5400
    ? `${Math.ceil(retryAfter / 3600)} hours`
    : `${Math.ceil(retryAfter / 60)} min`;
  const isOfAddress = outcome === "address_limited";
  const message = isOfAddress
    ? `This address has got as many invitations as it may in a day. The next one can leave in ${wait}.`
    : `Your team has invited as many people as it may in an hour. The next one can be invited in ${wait}.`;
  return new HeddleError("rate_limited", message, {
    headers: { "retry-after": String(retryAfter) },
    ...isOfAddress && { issues: [{ path: "email", message }] },
  });
}

/** Gives back what was charged, where nothing came of it. `isMailed`: a mail has left, or may have. */
export async function returnInvitation(
  { mails, isNew }: Charged,
  { agentId, email }: InviteMemberRequest,
  isMailed: boolean,
): Promise<void> {
  await callDatabase("return_invitation", {
    p_agent_id: agentId,
    p_email: email,
    p_with_mail: mails && !isMailed,
    p_is_new: isNew,
  });
}

/** Makes an account a member. Throws as `spendInvitation` does, should that have changed. */
export async function admitMember(
  { by, everyAgent }: Charged,
  { agentId, email, name, role }: InviteMemberRequest,
  userId: string,
): Promise<z.infer<typeof invitedMemberSchema>> {
  const member = await understood(callDatabase("invite_member", {
    p_agent_id: agentId,
    p_user_id: userId,
    p_name: name ?? null,
    p_email: email,
    p_role: role ?? null,
    p_every_agent: everyAgent,
    p_invited_by: by,
  }));
  return invitedMemberSchema.parse(member);
}
