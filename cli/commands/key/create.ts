import { createdKeySchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { facts } from "../../output/text.ts";
import { id, label, required } from "../input.ts";

export const keyCreate: Command = {
  name: "key create",
  summary: "Creates an API key, with which a backend publishes",
  parameters: ["<agent-id>"],
  options: { name: { type: "string", value: "NAME", help: "who will hold it, such as backend" } },
  examples: ["key create a0000000-0000-4000-8000-000000000001 --name backend"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const name = label(required(input.text("name"), "--name"), "--name");
    const made = await project.call(createdKeySchema, "create_api_key", {
      p_agent_id: agent,
      p_name: name,
    });
    if (!made) throw notFound("agent", agent);
    return {
      json: { ...made, agentId: agent, name },
      text: `${
        facts({ "key id": made.id, "API key": made.key })
      }\n\nPut the key into your backend's settings now: only its hash is kept.\nNext: npm run heddle -- tab add ${agent} --name Messages --category messaging`,
    };
  },
};
