import type { Command } from "../command.ts";
import { optionalId, wholeNumber } from "../input.ts";
import { moment, table } from "../output/table.ts";

interface Issue {
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
    const issues = await project.call<Issue[]>("list_issues", {
      p_agent_id: optionalId(input.text("agent"), "--agent"),
      p_limit: wholeNumber(input.text("limit") ?? "20", "--limit"),
    }) ?? [];
    const rows = issues.map((
      { tab, action, kind, host, count, detail, lastAt },
    ) => [moment(lastAt), tab, action, kind, host ?? "", `${count}×`, detail ?? ""]);
    return {
      json: issues,
      text: table(["last", "tab", "action", "what", "host", "times in that hour", ""], rows, "No issues."),
    };
  },
};
