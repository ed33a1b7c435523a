import { rulesSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { table } from "../../output/text.ts";
import { id } from "../input.ts";

export const notifyRules: Command = {
  name: "notify rules",
  summary: "Lists of what an agent's team can be told, and what of it is on",
  parameters: ["<agent-id>"],
  options: {},
  examples: ["notify rules a0000000-0000-4000-8000-000000000001"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const rules = await project.call(rulesSchema, "list_rules", { p_agent_id: agent });
    if (!rules) throw notFound("agent", agent);
    const rows = rules.map(({ rule, on, minutes, channels, priority, delay, batch, quiet }) => [
      rule,
      on ? "on" : "off",
      minutes?.toString() ?? "",
      channels.join(", ") || "inbox only",
      priority,
      String(delay),
      String(batch),
      quiet ? `${quiet.from}-${quiet.to} ${quiet.zone}` : "",
    ]);
    const columns = ["rule", "is", "minutes", "channels", "priority", "delay", "batch", "quiet"];
    return { json: rules, text: table(columns, rows, "There are no rules.") };
  },
};
