import { rotatedSecretSchema, SECRET_KINDS } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { type Project, requireAgent } from "../../connection/project.ts";
import { CliError, notFound } from "../../errors.ts";
import { facts, moment } from "../../output/text.ts";
import { id, oneOf } from "../input.ts";

/** What `--now` brings about. */
const ENDED = {
  signing:
    "The old secret is no longer valid, nor is an earlier one in its 24 hours. All sessions have ended, and widgets " +
    "open new ones by themselves. For visitors whom your backend identifies that needs tokens signed with the new " +
    "secret: until your backend has it, they see nothing new, and their widgets retry. For 30 seconds pages get no " +
    "channel names, and poll.",
  webhook: "The old secret is no longer valid.",
};

export const agentRotateSecret: Command = {
  name: "agent rotate-secret",
  summary: "Replaces a secret; the old one stays valid for a day unless --now is given",
  parameters: ["<agent-id>", "<signing|webhook>"],
  options: { now: { type: "boolean", help: "end the old secret at once: after a leak" } },
  examples: ["agent rotate-secret a0000000-0000-4000-8000-000000000001 signing --now"],
  needs: "api",
  async run({ input, project }) {
    const [agentId, kindText] = input.positionals;
    const agent = id(agentId, "<agent-id>");
    const kind = oneOf(kindText, SECRET_KINDS, "The secret to replace");
    const now = input.flag("now");
    if (!now) await refuseSecondGrace(project, agent, kind);
    const result = await project.call(rotatedSecretSchema, `rotate_${kind}_secret`, {
      p_agent_id: agent,
      ...(now ? { p_grace: "0 seconds" } : {}),
    });
    if (!result) throw notFound("agent", agent);
    const effect = now ? ENDED[kind] : "The old secret stays valid for 24 hours.";
    return {
      json: { agentId: agent, kind, secret: result.secret },
      text: `${
        facts({ [`${kind} secret`]: result.secret })
      }\n\n${effect} Put the new secret into your backend's settings now: it is not shown again.`,
    };
  },
};

/** Only one old secret is kept: another rotation would silently end the one that the backend may still use. */
async function refuseSecondGrace(
  project: Project,
  id: string,
  kind: typeof SECRET_KINDS[number],
): Promise<void> {
  const agent = await requireAgent(project, id);
  const until = agent[`${kind}PreviousUntil`];
  if (until === null) return;
  throw new CliError(
    "conflict",
    `The ${kind} secret was replaced already, and the one before it is valid until ${moment(until)}: ` +
      "replacing it again ends that one. Wait until then, or give --now.",
  );
}
