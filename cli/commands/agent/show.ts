import type { Command } from "../../command.ts";
import { requireAgent } from "../../connection/agents.ts";
import { id } from "../input.ts";
import { type Agent, agentText } from "./text.ts";

export const agentShow: Command = {
  name: "agent show",
  summary: "Shows an agent's settings, without its secrets",
  parameters: ["<agent-id>"],
  options: {},
  examples: ["agent show a0000000-0000-4000-8000-000000000001"],
  async run({ input, project }) {
    const wanted = id(input.positionals[0], "<agent-id>");
    const agent = await requireAgent<Agent>(project, wanted);
    return { json: agent, text: agentText(agent) };
  },
};
