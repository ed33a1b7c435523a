import { array } from "zod";
import { botSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { table } from "../../output/text.ts";
import { id } from "../input.ts";

export const botList: Command = {
  name: "bot list",
  summary: "Lists an agent's bots, each with its webhook's host",
  parameters: ["<agent-id>"],
  options: {},
  examples: ["bot list a0000000-0000-4000-8000-000000000001"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const bots = await project.call(array(botSchema), "list_bots", { p_agent_id: agent });
    if (!bots) throw notFound("agent", agent);
    const rows = bots.map(({ id, name, host, autoRespond }) => [id, name, host, autoRespond]);
    return {
      json: bots,
      text: table(["id", "name", "webhook", "answers"], rows, "There are no bots: see bot add."),
    };
  },
};
