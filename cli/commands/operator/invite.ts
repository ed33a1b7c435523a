import { MEMBER_ROLES, memberSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { inviteAccount } from "../../connection/accounts.ts";
import { requireAgent } from "../../connection/project.ts";
import { namedBy } from "../../connection/target.ts";
import { notFound, usageError } from "../../errors.ts";
import { facts } from "../../output/text.ts";
import { emailAddress, id, inboxUrl, label, oneOf, required } from "../input.ts";

export const operatorInvite: Command = {
  name: "operator invite",
  summary: "Lets somebody answer an agent's visitors in the inbox",
  details:
    `An address without an account in Supabase Auth gets a mail with a link to come in. A confirmed account, such as a
customer's, is kept with its password; one that nobody has confirmed loses its password, which a stranger may have chosen.
Again for a member: changes their name and role; not the role with --this-agent, if they answer for others too.`,
  parameters: ["<agent-id>"],
  options: {
    "email": { type: "string", value: "ADDRESS", help: "with which they sign in" },
    "name": { type: "string", value: "NAME", help: "as visitors see it beside what they write" },
    "role": { type: "string", value: "ROLE", help: "operator (the default) or owner, see docs/roles.md" },
    "this-agent": { type: "boolean", help: "for this agent only, not for all of the organisation's" },
    "inbox-url": {
      type: "string",
      value: "URL",
      help: "where the mail's link leads (HEDDLE_INBOX_URL); without it Auth's Site URL",
    },
  },
  examples: [
    `operator invite a0000000-0000-4000-8000-000000000001 --email ada@shop.example --name Ada --role owner`,
  ],
  needs: "api",
  async run({ input, project, target, terminal }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const email = emailAddress(required(input.text("email"), "--email"));
    const name = label(required(input.text("name"), "--name"), "--name");
    const role = oneOf(input.text("role") ?? "operator", MEMBER_ROLES, "--role");
    const { url, secretKey } = target;
    if (!url || !secretKey) {
      throw usageError("operator invite needs --url and --secret-key: Supabase Auth makes the accounts.");
    }
    const redirectTo = inboxUrl(namedBy("inbox-url", input.text, terminal.env)) ?? target.inboxUrl;
    await requireAgent(project, agent);
    const account = await inviteAccount({ url, key: secretKey }, email, redirectTo);
    const member = await project.call(memberSchema, "invite_member", {
      p_agent_id: agent,
      p_user_id: account.id,
      p_name: name,
      p_email: email,
      p_role: role,
      p_every_agent: !input.flag("this-agent"),
    });
    if (!member) throw notFound("agent", agent);
    const next = account.invited
      ? "A mail with a link is on its way to them."
      : "They have an account already, and sign in to the inbox with it.";
    return {
      json: { ...member, agentId: agent, invited: account.invited },
      text: [
        `"${member.name}" answers as ${member.role}.`,
        facts({ "operator id": member.id, "email": email }),
        next,
      ].join("\n\n"),
    };
  },
};
