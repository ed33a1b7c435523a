import { boolean } from "zod";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { id } from "../input.ts";

export const botRemove: Command = {
  name: "bot remove",
  summary: "Removes a bot; what it has written stays",
  parameters: ["<agent-id>", "<bot-id>"],
  options: {},
  examples: ["bot remove a0000000-0000-4000-8000-000000000001 e0000000-0000-4000-8000-000000000001"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const bot = id(input.positionals[1], "<bot-id>");
    const removed = await project.call(boolean(), "remove_bot", { p_agent_id: agent, p_bot_id: bot });
    if (!removed) throw notFound("bot", bot);
    return { json: { id: bot, removed: true }, text: "Removed the bot." };
  },
};
