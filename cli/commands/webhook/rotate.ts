import { array } from "zod";
import { rotatedSecretSchema, webhookSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { CliError, notFound } from "../../errors.ts";
import { facts, moment } from "../../output/text.ts";
import { id } from "../input.ts";

export const webhookRotate: Command = {
  name: "webhook rotate",
  summary:
    "Replaces a webhook's secret; for a day what is sent carries both signatures, unless --now is given",
  parameters: ["<agent-id>", "<webhook-id>"],
  options: { now: { type: "boolean", help: "end the old secret at once: after a leak" } },
  examples: [
    "webhook rotate a0000000-0000-4000-8000-000000000001 f0000000-0000-4000-8000-000000000001",
  ],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const webhook = id(input.positionals[1], "<webhook-id>");
    const now = input.flag("now");
    if (!now) {
      const webhooks = await project.call(array(webhookSchema), "list_webhooks", { p_agent_id: agent });
      const until = webhooks?.find((each) => each.id === webhook)?.previousUntil ?? null;
      // Only one old secret is kept.
      if (until !== null) {
        throw new CliError(
          "conflict",
          `The secret was replaced already, and the one before it is valid until ${moment(until)}: ` +
            "replacing it again ends that one. Wait until then, or give --now.",
        );
      }
    }
    const rotated = await project.call(rotatedSecretSchema, "rotate_webhook", {
      p_agent_id: agent,
      p_webhook_id: webhook,
      ...(now ? { p_grace: "0 seconds" } : {}),
    });
    if (!rotated) throw notFound("webhook", webhook);
    const effect = now ? "The old secret is no longer valid." : "The old secret stays valid for 24 hours.";
    return {
      json: { id: webhook, secret: rotated.secret },
      text: `${
        facts({ "webhook secret": rotated.secret })
      }\n\n${effect} Put the new secret into your server's settings now: it is not shown again.`,
    };
  },
};
