import { sentEventsSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound, usageError } from "../../errors.ts";
import { id } from "../input.ts";

export const eventsLive: Command = {
  name: "events live",
  summary: "Sends events of an agent's organisation to its members as they are written, or no longer",
  details: "Each event is one Realtime message, and one more for each member who listens.",
  parameters: ["<agent-id>", "<on|off>"],
  options: {},
  examples: ["events live a0000000-0000-4000-8000-000000000001 on"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const state = input.positionals[1];
    if (state !== "on" && state !== "off") throw usageError("<on|off> must be on or off.");
    const on = state === "on";
    const sent = await project.call(sentEventsSchema, "send_events", { p_agent_id: agent, p_on: on });
    if (!sent) throw notFound("agent", agent);
    const text = on
      ? `Members of the organisation ${sent.orgId} who answer for every agent hear its events live.`
      : `Events of the organisation ${sent.orgId} are not sent any more: members who read them ask for them.`;
    return { json: sent, text };
  },
};
