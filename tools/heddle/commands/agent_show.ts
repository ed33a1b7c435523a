import type { Command } from "../command.ts";
import { Failure } from "../failure.ts";
import { id } from "../input.ts";
import { type Agent, agentText } from "../output/agent.ts";

export const agentShow: Command = {
  name: "agent show",
  summary: "Shows an agent's settings, without its secrets",
  parameters: ["<agent-id>"],
  options: {},
  examples: ["agent show a0000000-0000-4000-8000-000000000001"],
  async run({ input, project }) {
    const wanted = id(input.positionals[0], "<agent-id>");
    const agent = await project.call<Agent>("get_agent", { p_agent_id: wanted });
    if (!agent) throw new Failure(`There is no agent ${wanted}: see agent list.`);
    return { json: agent, text: agentText(agent) };
  },
};
