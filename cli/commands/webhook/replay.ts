import { replayedSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound, usageError } from "../../errors.ts";
import { id, wholeNumber } from "../input.ts";

export const webhookReplay: Command = {
  name: "webhook replay",
  summary: "Sends deliveries of a webhook again, by their ids or by their time",
  details:
    "With --from: what failed since then, and what it never got because it was off. An event's webhook-id is the same as before.",
  parameters: ["<agent-id>", "<webhook-id>"],
  options: {
    id: {
      type: "string",
      multiple: true,
      value: "DELIVERY",
      help: "as webhook log lists it; may be given several times",
    },
    from: { type: "string", value: "TIME", help: "such as 2026-11-29T08:00Z" },
    until: { type: "string", value: "TIME", help: "with --from; default now" },
    all: { type: "boolean", help: "with --from: also what was sent" },
  },
  examples: [
    "webhook replay a0000000-0000-4000-8000-000000000001 f0000000-0000-4000-8000-000000000001 --id 1207",
    "webhook replay a0000000-0000-4000-8000-000000000001 f0000000-0000-4000-8000-000000000001 --from 2026-11-29T08:00Z",
  ],
  needs: "api",
  async run({ input, project }) {
    const webhook = id(input.positionals[1], "<webhook-id>");
    const ids = input.texts("id").map((text) => wholeNumber(text, "--id", 1));
    const [from, until] = [time(input.text("from"), "--from"), time(input.text("until"), "--until")];
    if ((ids.length > 0) === (from !== null)) throw usageError("Give either --id or --from.");
    const again = await project.call(replayedSchema, "replay_webhook", {
      p_agent_id: id(input.positionals[0], "<agent-id>"),
      p_webhook_id: webhook,
      p_delivery_ids: ids.length > 0 ? ids : null,
      p_from: from,
      p_until: until,
      p_all: input.flag("all"),
    });
    if (!again) throw notFound("webhook", webhook);
    return { json: { id: webhook, ...again }, text: `To be sent again: ${again.replayed}.` };
  },
};

function time(text: string | undefined, what: string): string | null {
  if (text === undefined) return null;
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(ms)) throw usageError(`${what} must be a time such as 2026-11-29T08:00Z.`);
  return new Date(ms).toISOString();
}
