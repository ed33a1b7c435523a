import { boolean } from "zod";
import { testedWebhookSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { wakeWorker } from "../../connection/worker.ts";
import { notFound, usageError } from "../../errors.ts";
import { id } from "../input.ts";

const PARAMETERS = ["<agent-id>", "<webhook-id>"];
const EXAMPLE = "a0000000-0000-4000-8000-000000000001 f0000000-0000-4000-8000-000000000001";

export const webhookSwitch: Command = {
  name: "webhook switch",
  summary: "Switches a webhook on, from now on, or off",
  details: "What happened while it was off is not sent by itself: webhook replay sends it.",
  parameters: [...PARAMETERS, "<on|off>"],
  options: {},
  examples: [`webhook switch ${EXAMPLE} on`],
  needs: "api",
  async run({ input, project }) {
    const webhook = id(input.positionals[1], "<webhook-id>");
    const state = input.positionals[2];
    if (state !== "on" && state !== "off") throw usageError("<on|off> must be on or off.");
    const found = await project.call(boolean(), "switch_webhook", {
      p_agent_id: id(input.positionals[0], "<agent-id>"),
      p_webhook_id: webhook,
      p_on: state === "on",
    });
    if (!found) throw notFound("webhook", webhook);
    return { json: { id: webhook, on: state === "on" }, text: `The webhook is ${state}.` };
  },
};

export const webhookRemove: Command = {
  name: "webhook remove",
  summary: "Removes a webhook, its log, and what still waits for it",
  parameters: PARAMETERS,
  options: {},
  examples: [`webhook remove ${EXAMPLE}`],
  needs: "api",
  async run({ input, project }) {
    const webhook = id(input.positionals[1], "<webhook-id>");
    const removed = await project.call(boolean(), "remove_webhook", {
      p_agent_id: id(input.positionals[0], "<agent-id>"),
      p_webhook_id: webhook,
    });
    if (!removed) throw notFound("webhook", webhook);
    return { json: { id: webhook, removed: true }, text: "Removed the webhook." };
  },
};

export const webhookTest: Command = {
  name: "webhook test",
  summary: "Sends an event of type webhook.test to a webhook; webhook log shows what came of it",
  parameters: PARAMETERS,
  options: {},
  examples: [`webhook test ${EXAMPLE}`],
  needs: "api",
  async run({ input, project, target }) {
    const webhook = id(input.positionals[1], "<webhook-id>");
    const queued = await project.call(testedWebhookSchema, "test_webhook", {
      p_agent_id: id(input.positionals[0], "<agent-id>"),
      p_webhook_id: webhook,
    });
    if (!queued) throw notFound("webhook", webhook);
    const when = await wakeWorker(target) ? "was sent" : "is sent as soon as the worker is called";
    return {
      json: { id: webhook, deliveryId: queued.id },
      text: `Delivery ${queued.id} ${when}: webhook log shows the answer.`,
    };
  },
};
