import type { Command } from "../../command.ts";
import { table } from "../../output/table.ts";

interface Listed {
  id: string;
  name: string;
  allowedOrigins: string[];
  tabs: number;
  keys: number;
}

export const agentList: Command = {
  name: "agent list",
  summary: "Lists the agents, without their secrets",
  parameters: [],
  options: {},
  examples: ["agent list --json"],
  async run({ project }) {
    const agents = await project.call<Listed[]>("list_agents") ?? [];
    const rows = agents.map((
      { id, name, allowedOrigins, tabs, keys },
    ) => [id, name, tabs, keys, allowedOrigins.join(" ") || "none"]);
    return {
      json: agents,
      text: table(
        ["id", "name", "tabs", "keys", "may be embedded by"],
        rows,
        "There are no agents: see agent create.",
      ),
    };
  },
};
