import { AUTO_RESPONDS, createdBotSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { isLoopback } from "../../connection/http.ts";
import { notFound } from "../../errors.ts";
import { facts } from "../../output/text.ts";
import { id, label, oneOf, required, webhookUrl } from "../input.ts";

export const botAdd: Command = {
  name: "bot add",
  summary: "Has a webhook of yours answer visitors of an agent's store tabs, at once or word by word",
  parameters: ["<agent-id>"],
  options: {
    "name": { type: "string", value: "NAME", help: "as visitors see it beside its answers" },
    "webhook": { type: "string", value: "URL", help: "of your backend, called when a visitor writes" },
    "auto-respond": {
      type: "string",
      value: "WHEN",
      help: `${
        AUTO_RESPONDS.join(", ")
      }; unclaimed, the default, leaves to operators what they claimed or wrote in`,
    },
  },
  examples: [
    `bot add a0000000-0000-4000-8000-000000000001 --name "Fern bot" --webhook https://shop.example/bot`,
  ],
  needs: "api",
  async run({ input, project, target }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const name = label(required(input.text("name"), "--name"), "--name");
    const url = webhookUrl(required(input.text("webhook"), "--webhook"));
    const when = oneOf(input.text("auto-respond") ?? "unclaimed", AUTO_RESPONDS, "--auto-respond");
    const made = await project.call(createdBotSchema, "create_bot", {
      p_agent_id: agent,
      p_name: name,
      p_url: url,
      p_auto_respond: when,
    });
    if (!made) throw notFound("agent", agent);
    const isCalled = url.startsWith("https:") || (target.local && isLoopback(new URL(url)));
    const warning = isCalled ? "" : "\nWarning: a hosted project calls https only.";
    return {
      json: { ...made, agentId: agent, name, url, autoRespond: when },
      text: `${
        facts({ "bot id": made.id, "bot secret": made.secret })
      }\n\nPut the secret into your bot's settings now: it is not shown again. Calls are signed with it.${warning}`,
    };
  },
};
