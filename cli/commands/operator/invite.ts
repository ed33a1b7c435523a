import { array, type output } from "zod";
import { invitedMemberSchema, MEMBER_ROLES, memberSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { inviteAccount } from "../../connection/accounts.ts";
import { namedBy } from "../../connection/target.ts";
import { CliError, notFound, usageError } from "../../errors.ts";
import { facts } from "../../output/text.ts";
import { emailAddress, id, inboxUrl, label, oneOf, required } from "../input.ts";

export const operatorInvite: Command = {
  name: "operator invite",
  summary: "Lets somebody answer an agent's visitors in the inbox",
  details:
    `An address without an account in Supabase Auth gets a mail with a link to come in. A confirmed account, such as a
customer's, is kept with its password; one that nobody has confirmed loses its password, which a stranger may have chosen.
Again for a member: changes the name and the role that it names, and leaves the others as they are. With --this-agent it can't change
the role of somebody who answers for others too.`,
  parameters: ["<agent-id>"],
  options: {
    "email": { type: "string", value: "ADDRESS", help: "with which they sign in" },
    "name": {
      type: "string",
      value: "NAME",
      help: "as visitors see it beside what they write; a member may keep theirs",
    },
    "role": {
      type: "string",
      value: "ROLE",
      help: "operator or owner, see docs/roles.md; without it operator, or what they are",
    },
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
    const name = input.text("name") === undefined ? undefined : label(input.text("name") ?? "", "--name");
    const role = input.text("role") === undefined
      ? undefined
      : oneOf(input.text("role") ?? "", MEMBER_ROLES, "--role");
    const { url, secretKey } = target;
    if (!url || !secretKey) {
      throw usageError("operator invite needs --url and --secret-key: Supabase Auth makes the accounts.");
    }
    const redirectTo = inboxUrl(namedBy("inbox-url", input.text, terminal.env)) ?? target.inboxUrl;
    const members = await project.call(array(memberSchema), "list_members", { p_agent_id: agent });
    if (!members) throw notFound("agent", agent);
    const known = members.find((member) => member.email?.toLowerCase() === email.toLowerCase());
    if (!known) required(name, "--name");
    if (known && role === "operator") demandAnotherOwner(known, members);
    const account = await inviteAccount({ url, key: secretKey, project }, email, redirectTo);
    const member = await project.call(invitedMemberSchema, "invite_member", {
      p_agent_id: agent,
      p_user_id: account.id,
      p_name: name ?? null,
      p_email: email,
      p_role: role ?? null,
      p_every_agent: !input.flag("this-agent"),
    });
    if (!member) throw notFound("agent", agent);
    const next = account.invited
      ? "A mail with a link is on its way to them."
      : "They have an account already, and sign in to the inbox with it.";
    return {
      json: { ...member, agentId: agent, invited: account.invited },
      text: [
        changed(member),
        facts({ "operator id": member.id, "email": email }),
        next,
      ].join("\n\n"),
    };
  },
};

type Member = output<typeof memberSchema>;

/** Before anything is sent: the database keeps an owner, but knows no option to name. */
function demandAnotherOwner(member: Member, members: readonly Member[]): void {
  const others = members.filter(({ id, role, everyAgent }) =>
    id !== member.id && role === "owner" && everyAgent
  );
  if (member.role !== "owner" || !member.everyAgent || others.length > 0) return;
  throw new CliError(
    "conflict",
    `"${member.name}" is the last owner of all agents, and an organisation keeps one: leave --role out, or invite another with --role owner first.`,
  );
}

/** As whom they answer, and what was different before. */
function changed({ name, role, everyAgent, was }: output<typeof invitedMemberSchema>): string {
  const before = [
    was && was.name !== name && `"${was.name}"`,
    was && was.role !== role && was.role,
    was && was.everyAgent !== everyAgent && "for listed agents",
  ].filter(Boolean);
  return `"${name}" answers as ${role}${before.length > 0 ? ` (was ${before.join(", ")})` : ""}.`;
}
