import { changedConnectorSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound, usageError } from "../../errors.ts";
import { credential, id, label } from "../input.ts";

export const connectorUpdate: Command = {
  name: "connector update",
  summary: "Replaces a connector's credential, or its name; its host stays",
  parameters: ["<connector-id>"],
  options: {
    name: { type: "string", value: "NAME", help: "your name for it" },
    value: {
      type: "string",
      value: "VALUE",
      help: "the new token, or user:password; - reads it from standard input",
    },
  },
  examples: ["connector update d0000000-0000-4000-8000-000000000001 --value - < token.txt"],
  needs: "api",
  async run({ input, project, terminal }) {
    const wanted = id(input.positionals[0], "<connector-id>");
    const [name, value] = [input.text("name"), input.text("value")];
    if (name === undefined && value === undefined) {
      throw usageError("Nothing to change: give --value or --name.");
    }
    const changes = {
      ...(name === undefined ? {} : { name: label(name, "--name") }),
      ...(value === undefined ? {} : { value: await credential(value, terminal) }),
    };
    const connector = await project.call(changedConnectorSchema, "update_connector", {
      p_connector_id: wanted,
      p_changes: changes,
    });
    if (!connector) throw notFound("connector", wanted);
    const what = value === undefined ? "name" : "credential";
    return { json: connector, text: `Changed the ${what} of "${connector.name}", for ${connector.host}.` };
  },
};
