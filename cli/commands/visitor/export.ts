import { visitorExportSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { requireAgent } from "../../connection/project.ts";
import { CliError } from "../../errors.ts";
import { id, required } from "../input.ts";

export const visitorExport: Command = {
  name: "visitor export",
  summary: "Prints what the built-in store keeps of a visitor, as JSON",
  details: "Name, e-mail, page, conversations with what was changed in them. Not the team's internal notes.",
  parameters: ["<agent-id>", "<end-user-id>"],
  options: {},
  examples: ["visitor export a0000000-0000-4000-8000-000000000001 shopper-42 > shopper-42.json"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const endUser = required(input.positionals[1], "<end-user-id>");
    await requireAgent(project, agent);
    const found = await project.call(visitorExportSchema, "store_export", {
      p_agent_id: agent,
      p_end_user: endUser,
    });
    if (!found) throw neverWrote(endUser);
    return { json: found };
  },
};

/** That nothing is kept of a visitor. */
export function neverWrote(endUser: string): CliError {
  return new CliError("not_found", `The store keeps nothing of a visitor ${endUser}: they have not written.`);
}
