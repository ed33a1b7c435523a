import { AUTO_RESPONDS, botSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound, usageError } from "../../errors.ts";
import { id, label, oneOf, webhookUrl } from "../input.ts";

export const botUpdate: Command = {
  name: "bot update",
  summary: "Changes a bot's name, webhook or when it answers; what is not given stays unchanged",
  parameters: ["<agent-id>", "<bot-id>"],
  options: {
    "name": { type: "string", value: "NAME", help: "as visitors see it beside its answers" },
    "webhook": { type: "string", value: "URL", help: "of your backend; its secret stays" },
    "auto-respond": { type: "string", value: "WHEN", help: AUTO_RESPONDS.join(", ") },
  },
  examples: [
    `bot update a0000000-0000-4000-8000-000000000001 e0000000-0000-4000-8000-000000000001 --auto-respond never`,
  ],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const wanted = id(input.positionals[1], "<bot-id>");
    const [name, url, when] = ["name", "webhook", "auto-respond"].map((option) => input.text(option));
    const changes = {
      ...(name === undefined ? {} : { name: label(name, "--name") }),
      ...(url === undefined ? {} : { url: webhookUrl(url) }),
      ...(when === undefined ? {} : { autoRespond: oneOf(when, AUTO_RESPONDS, "--auto-respond") }),
    };
    if (Object.keys(changes).length === 0) {
      throw usageError("Nothing to change: give --name, --webhook or --auto-respond.");
    }
    const bot = await project.call(botSchema, "update_bot", {
      p_agent_id: agent,
      p_bot_id: wanted,
      p_changes: changes,
    });
    if (!bot) throw notFound("bot", wanted);
    return { json: bot, text: `Changed the bot "${bot.name}".` };
  },
};
