import { array } from "zod";
import { listedAgentSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { table } from "../../output/text.ts";

export const agentList: Command = {
  name: "agent list",
  summary: "Lists the agents, without their secrets",
  parameters: [],
  options: {},
  examples: ["agent list --json"],
  needs: "api",
  async run({ project }) {
    const agents = await project.call(array(listedAgentSchema), "list_agents") ?? [];
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
