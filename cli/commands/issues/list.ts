import { array } from "zod";
import { issueSchema, listedAgentSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { requireAgent } from "../../connection/project.ts";
import { moment, table } from "../../output/text.ts";
import { optionalId, wholeNumber } from "../input.ts";

export const issuesList: Command = {
  name: "issues list",
  summary: "Lists failures of webhooks in the last 30 days, the latest first",
  parameters: [],
  options: {
    agent: { type: "string", value: "ID", help: "of this agent only" },
    limit: { type: "string", value: "N", help: "number of rows; default 20" },
  },
  examples: ["issues list --limit 50"],
  needs: "api",
  async run({ input, project }) {
    const agent = optionalId(input.text("agent"), "--agent");
    const issues = await project.call(array(issueSchema), "list_issues", {
      p_agent_id: agent,
      p_limit: wholeNumber(input.text("limit") ?? "20", "--limit", 1),
    }) ?? [];
    if (issues.length === 0 && agent !== null) await requireAgent(project, agent);
    const agents = issues.length === 0
      ? []
      : await project.call(array(listedAgentSchema), "list_agents") ?? [];
    const names = new Map(agents.map(({ id, name }) => [id, name]));
    const rows = issues.map((
      { agentId, tab, action, kind, host, count, detail, lastAt },
    ) => [
      moment(lastAt),
      names.get(agentId) ?? agentId,
      tab,
      action,
      kind,
      host ?? "",
      `${count}×`,
      detail ?? "",
    ]);
    return {
      json: issues,
      text: table(
        ["last", "agent", "tab", "action", "what", "host", "times in that hour", "detail"],
        rows,
        "No issues.",
      ),
    };
  },
};
