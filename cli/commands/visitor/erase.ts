import { erasedSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { requireAgent } from "../../connection/project.ts";
import { id, required } from "../input.ts";
import { neverWrote } from "./export.ts";

/** How the ids of visitors begin who have a token instead of a name (docs/embed.md). */
const ANONYMOUS = /^anon_[0-9a-f]{32}$/;
const NOTHING = { conversations: 0, messages: 0 };

export const visitorErase: Command = {
  name: "visitor erase",
  summary: "Erases a visitor with their conversations from the built-in store, permanently",
  details: "The team's notes on them go too. An anonymous visitor is a new one afterwards.",
  parameters: ["<agent-id>", "<end-user-id>"],
  options: {},
  examples: ["visitor erase a0000000-0000-4000-8000-000000000001 shopper-42"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const endUser = required(input.positionals[1], "<end-user-id>");
    await requireAgent(project, agent);
    const erased = await project.call(erasedSchema, "store_erase", {
      p_agent_id: agent,
      p_end_user: endUser,
    });
    // Of one who wrote nothing the token is ended all the same.
    if (!erased && !ANONYMOUS.test(endUser)) throw neverWrote(endUser);
    const { conversations, messages } = erased ?? NOTHING;
    return {
      json: { id: endUser, conversations, messages, erased: true },
      text: `Erased ${endUser}: conversations ${conversations}, messages ${messages}.`,
    };
  },
};
