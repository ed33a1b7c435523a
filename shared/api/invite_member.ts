import * as z from "zod";
import { isEmail } from "../email.ts";
import { givenUuid, isPlainText } from "../ids.ts";
import { invitedMemberSchema, MAX_LABEL_CHARACTERS, MEMBER_ROLES } from "../management.ts";

/** `POST invite-member`: whom an owner invites, and as what. */
export const inviteMemberRequest = z.strictObject({
  agentId: givenUuid,
  email: z.string().trim().toLowerCase().refine(isEmail, "must be one email address"),
  /** As visitors see it; without it a member keeps theirs. */
  name: z.string().max(MAX_LABEL_CHARACTERS).refine(isPlainText, "must be plain text").optional(),
  /** Without it operator, or what they are. */
  role: z.enum(MEMBER_ROLES).optional(),
  /** Whether for all of the organisation's agents; without it for as many as the caller answers for. */
  everyAgent: z.boolean().optional(),
  /** Where the mail's link leads if the functions know no inbox: the page that asks. Auth must allow it. */
  page: z.string().max(2048).refine(isPlainText, "must be plain text").optional(),
});
export type InviteMemberRequest = z.infer<typeof inviteMemberRequest>;

export const inviteMemberAnswer = invitedMemberSchema.extend({
  /** Whether a mail with a link was sent; else they sign in with the account that they have. */
  invited: z.boolean(),
});
export type InviteMemberAnswer = z.infer<typeof inviteMemberAnswer>;
