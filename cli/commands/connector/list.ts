import { array } from "zod";
import { connectorSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { table } from "../../output/text.ts";
import { id } from "../input.ts";

export const connectorList: Command = {
  name: "connector list",
  summary: "Lists an agent's connectors, without their values, and how many actions use them",
  parameters: ["<agent-id>"],
  options: {},
  examples: ["connector list a0000000-0000-4000-8000-000000000001"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const connectors = await project.call(array(connectorSchema), "list_connectors", { p_agent_id: agent });
    if (!connectors) throw notFound("agent", agent);
    const rows = connectors.map(({ id, name, kind, host, header, actions }) => [
      id,
      name,
      host,
      header === null ? kind : `header ${header}`,
      actions,
    ]);
    return {
      json: connectors,
      text: table(
        ["id", "name", "host", "kind", "actions"],
        rows,
        "There are no connectors: see connector add.",
      ),
    };
  },
};
