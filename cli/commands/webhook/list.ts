import { array } from "zod";
import { webhookSchema } from "../../../shared/management.ts";
import { webhookTopic } from "../../../shared/topics.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { table } from "../../output/text.ts";
import { id } from "../input.ts";

export const webhookList: Command = {
  name: "webhook list",
  summary: "Lists the webhooks of an agent's organisation, each with its address and how it goes",
  parameters: ["<agent-id>"],
  options: {},
  examples: ["webhook list a0000000-0000-4000-8000-000000000001"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const webhooks = await project.call(array(webhookSchema), "list_webhooks", { p_agent_id: agent });
    if (!webhooks) throw notFound("agent", agent);
    const rows = webhooks.map((
      { id, host, path, topics, format, on, offReason, failingSince, queued, failed },
    ) => [
      id,
      host + path,
      `${topics?.map(webhookTopic).join(" ") ?? "everything"}${
        format === "cloudevents" ? " (CloudEvents)" : ""
      }`,
      on ? failingSince === null ? "on" : "on, failing" : offReason ?? "off",
      queued,
      failed,
    ]);
    return {
      json: webhooks,
      text: table(
        ["id", "address", "gets", "state", "waiting", "given up"],
        rows,
        "There are no webhooks: see webhook add.",
      ),
    };
  },
};
