import { changedConnectorSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { id } from "../input.ts";

export const connectorRemove: Command = {
  name: "connector remove",
  summary: "Removes a connector and its credential, unless actions use it",
  parameters: ["<connector-id>"],
  options: {},
  examples: ["connector remove d0000000-0000-4000-8000-000000000001"],
  needs: "api",
  async run({ input, project }) {
    const wanted = id(input.positionals[0], "<connector-id>");
    const connector = await project.call(changedConnectorSchema, "remove_connector", {
      p_connector_id: wanted,
    });
    if (!connector) throw notFound("connector", wanted);
    return { json: { ...connector, removed: true }, text: `Removed the connector "${connector.name}".` };
  },
};
