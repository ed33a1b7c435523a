import { unknown } from "zod";
import type { Command } from "../../command.ts";
import { requireAgent } from "../../connection/project.ts";
import { CliError } from "../../errors.ts";
import { id, required } from "../input.ts";

export const agentRemove: Command = {
  name: "agent remove",
  summary: "Removes an agent with its tabs, keys and connectors, permanently",
  parameters: ["<agent-id>"],
  options: { name: { type: "string", value: "NAME", help: "its name, as a safeguard" } },
  examples: [`agent remove a0000000-0000-4000-8000-000000000001 --name "My shop"`],
  needs: "api",
  async run({ input, project }) {
    const wanted = id(input.positionals[0], "<agent-id>");
    const name = required(input.text("name"), "--name");
    const agent = await requireAgent(project, wanted);
    if (agent.name !== name) {
      throw new CliError(
        "conflict",
        `The agent ${wanted} has another name: "${agent.name}". Nothing was removed.`,
      );
    }
    await project.call(unknown(), "remove_agent", { p_agent_id: wanted });
    return { json: { id: wanted, removed: true }, text: `Removed the agent "${name}".` };
  },
};
