import { array } from "zod";
import { memberSchema, removedMemberSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { id, required } from "../input.ts";

export const operatorRemove: Command = {
  name: "operator remove",
  summary: "Takes somebody out of an agent's organisation; their account in Supabase Auth stays",
  details:
    "They are out at once, also where the inbox is open, and what they had claimed is free again. An organisation keeps at least one owner.",
  parameters: ["<agent-id>", "<operator>"],
  options: {},
  examples: ["operator remove a0000000-0000-4000-8000-000000000001 ada@shop.example"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const wanted = required(input.positionals[1], "<operator>").toLowerCase();
    const members = await project.call(array(memberSchema), "list_members", { p_agent_id: agent });
    if (!members) throw notFound("agent", agent);
    const member = members.find(({ id, email }) => id === wanted || email?.toLowerCase() === wanted);
    const removed = member && await project.call(removedMemberSchema, "remove_member", {
      p_agent_id: agent,
      p_user_id: member.id,
    });
    if (!removed) throw notFound("operator", wanted);
    return {
      json: { ...removed, removed: true },
      text: `"${removed.name}" does not answer any more. The account stays.`,
    };
  },
};
