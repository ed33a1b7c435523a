import type { Command } from "../../command.ts";
import { requireAgent } from "../../connection/agents.ts";
import { optionalId, wholeNumber } from "../input.ts";
import type { Agent } from "../agent/text.ts";
import { moment, table } from "../../output/table.ts";

interface Issue {
  agentId: string;
  tab: string;
  action: string;
  kind: string;
  host: string | null;
  count: number;
  detail: string | null;
  lastAt: string;
}

export const issuesList: Command = {
  name: "issues list",
  summary: "Lists what went wrong with webhooks in the last 30 days, the latest first",
  parameters: [],
  options: {
    agent: { type: "string", value: "ID", help: "of this agent only" },
    limit: { type: "string", value: "N", help: "how many; default 20" },
  },
  examples: ["issues list --limit 50"],
  async run({ input, project }) {
    const agent = optionalId(input.text("agent"), "--agent");
    const issues = await project.call<Issue[]>("list_issues", {
      p_agent_id: agent,
      p_limit: wholeNumber(input.text("limit") ?? "20", "--limit", 1),
    }) ?? [];
    if (issues.length === 0 && agent !== null) await requireAgent(project, agent);
    const agents = issues.length === 0 ? [] : await project.call<Agent[]>("list_agents") ?? [];
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
