import { array } from "zod";
import { configuredTabSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { id } from "../input.ts";
import { actionsTable, connectorWarnings } from "./actions.ts";

export const tabList: Command = {
  name: "tab list",
  summary: "Lists an agent's tabs in order, each with its actions and the hosts of their webhooks",
  parameters: ["<agent-id>"],
  options: {},
  examples: ["tab list a0000000-0000-4000-8000-000000000001"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const tabs = await project.call(array(configuredTabSchema), "list_tabs", { p_agent_id: agent });
    if (!tabs) throw notFound("agent", agent);
    const sections = tabs.map(({ id, name, category, source, actions }) => {
      const title = `${name} (${category}, ${source})  ${id}`;
      if (source === "store") return title;
      return [title, actionsTable(actions), ...connectorWarnings(actions)].join("\n");
    });
    return { json: tabs, text: sections.join("\n\n") || "There are no tabs: see tab add." };
  },
};
