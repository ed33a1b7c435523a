import { array } from "zod";
import { memberSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { table } from "../../output/text.ts";
import { id } from "../input.ts";

export const operatorList: Command = {
  name: "operator list",
  summary: "Lists who answers an agent's visitors, with their roles",
  parameters: ["<agent-id>"],
  options: {},
  examples: ["operator list a0000000-0000-4000-8000-000000000001"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const members = await project.call(array(memberSchema), "list_members", { p_agent_id: agent });
    if (!members) throw notFound("agent", agent);
    const rows = members.map(({ id, name, email, role, everyAgent }) => [
      id,
      name,
      email ?? "",
      everyAgent ? role : `${role}, of listed agents`,
    ]);
    return {
      json: members,
      text: table(["id", "name", "email", "role"], rows, "There is nobody: see operator invite."),
    };
  },
};
