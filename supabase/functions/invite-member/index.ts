import { type InviteMemberAnswer, inviteMemberRequest } from "../../../shared/api/invite_member.ts";
import { HeddleError } from "../../../shared/errors.ts";
import { inboxAddress } from "../../../shared/web_address.ts";
import { requireAccount } from "../_shared/auth/supabase_auth.ts";
import { admitMember, returnInvitation, spendInvitation } from "../_shared/database/invitations.ts";
import { endpoint, json } from "../_shared/http/endpoint.ts";
import { bearerToken, readJsonBody, validate } from "../_shared/http/request.ts";
import { accountFor } from "../_shared/members/invite_account.ts";

/**
 * POST invite-member { agentId, email, name?, role?, everyAgent?, page? }    Authorization: Bearer <a member's access token>
 *
 * Lets somebody answer an agent's visitors: makes them an account in Supabase Auth, which mails them a link into the inbox, and a
 * member. Who has a confirmed account keeps it with its password. Again for a member: changes the name and the role that it names,
 * and sends another mail to who has not come in. The link leads to the functions' HEDDLE_INBOX_URL.
 *
 * 200 InviteMemberAnswer · 400 invalid_request · 401 missing_session, invalid_session · 403 forbidden without the right ·
 * 404 agent_not_found for who is no member · 409 conflict for a name that is taken, the last owner, and an account that may be a
 * stranger's · 429 rate_limited after twenty invitations of an organisation within an hour, and where Auth sends no more mails ·
 * 503 unavailable where Auth does not answer
 */
const fetch = endpoint(
  { name: "invite-member", method: "POST", callers: "browsers" },
  async (request, call) => {
    const token = bearerToken(request);
    if (token === null) {
      throw new HeddleError("missing_session", "Send an access token of Supabase Auth as a bearer token.");
    }
    const wanted = validate(inviteMemberRequest, await readJsonBody(request));
    const charged = await spendInvitation(await requireAccount(token), wanted);
    call.notes.agentId = wanted.agentId;
    const { id, invited } = await accountFor(
      wanted.email,
      inboxAt(wanted.page),
      (isMailed) => returnInvitation(charged, wanted, isMailed),
    );
    const answer: InviteMemberAnswer = { ...await admitMember(charged, wanted, id), invited };
    return json(answer);
  },
);

/** Auth's Site URL without either. */
function inboxAt(page: string | undefined): string | undefined {
  return inboxAddress(Deno.env.get("HEDDLE_INBOX_URL") || page || "") ?? undefined;
}

export default { fetch };
