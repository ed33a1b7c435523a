import { array } from "zod";
import { deliverySchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { moment, table } from "../../output/text.ts";
import { id, wholeNumber } from "../input.ts";

export const webhookLog: Command = {
  name: "webhook log",
  summary: "Lists what was sent to a webhook in the last 30 days and what was answered, the latest first",
  parameters: ["<agent-id>", "<webhook-id>"],
  options: {
    failed: { type: "boolean", help: "only what failed: given up, or to be tried again" },
    limit: { type: "string", value: "N", help: "number of rows, 500 at most; default 50" },
    before: { type: "string", value: "DELIVERY", help: "only what came before this delivery" },
  },
  examples: [
    "webhook log a0000000-0000-4000-8000-000000000001 f0000000-0000-4000-8000-000000000001 --failed",
  ],
  needs: "api",
  async run({ input, project }) {
    const webhook = id(input.positionals[1], "<webhook-id>");
    const before = input.text("before");
    const deliveries = await project.call(array(deliverySchema), "list_deliveries", {
      p_agent_id: id(input.positionals[0], "<agent-id>"),
      p_webhook_id: webhook,
      p_failed: input.flag("failed"),
      p_limit: wholeNumber(input.text("limit") ?? "50", "--limit", 1),
      p_before: before === undefined ? null : wholeNumber(before, "--before", 1),
    });
    if (!deliveries) throw notFound("webhook", webhook);
    const rows = deliveries.map(({ id, createdAt, type, status, attempts, due, answer, error }) => [
      id,
      moment(createdAt),
      type,
      due !== null && attempts > 0 ? `again ${moment(due)}` : status,
      attempts,
      answer?.status ?? "",
      answer ? `${answer.ms} ms` : "",
      [status === "sent" ? null : error, answer?.body || null].filter(Boolean).join(" "),
    ]);
    return {
      json: deliveries,
      text: table(
        ["delivery", "since", "event", "state", "tries", "status", "took", "answer"],
        rows,
        "Nothing was sent.",
      ),
    };
  },
};
