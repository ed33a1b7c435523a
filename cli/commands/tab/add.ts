import { createdSchema } from "../../../shared/management.ts";
import { TAB_CATEGORIES, type TabAction, type TabCategory } from "../../../shared/tabs.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { facts } from "../../output/text.ts";
import { id, label, oneOf, required, wholeNumber } from "../input.ts";

/** The actions of a tab on which visitors can do all that they expect, by category. */
const USUAL: Record<TabCategory, TabAction[]> = {
  messaging: ["get_items", "item_clicked", "create_item", "update_item"],
  default: ["get_items", "item_clicked", "update_item", "delete_item"],
};

export const tabAdd: Command = {
  name: "tab add",
  summary: "Adds a tab to an agent's widget, behind the others unless --position is given",
  parameters: ["<agent-id>"],
  options: {
    name: { type: "string", value: "NAME", help: "as shown to visitors" },
    category: {
      type: "string",
      value: "CATEGORY",
      help: "messaging (conversations, live) or default (records with a detail and a form)",
    },
    icon: {
      type: "string",
      value: "ICON",
      help: "an emoji, or chat or box; the category decides without one",
    },
    position: { type: "string", value: "N", help: "its place among the tabs, from 0" },
  },
  examples: ["tab add a0000000-0000-4000-8000-000000000001 --name Messages --category messaging"],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const name = label(required(input.text("name"), "--name"), "--name");
    const category = oneOf(input.text("category"), TAB_CATEGORIES, "--category");
    const [icon, position] = [input.text("icon"), input.text("position")];
    const tab = await project.call(createdSchema, "create_tab", {
      p_agent_id: agent,
      p_name: name,
      p_category: category,
      p_icon: icon === undefined ? null : label(icon, "--icon"),
      p_position: position === undefined ? null : wholeNumber(position, "--position"),
    });
    if (!tab) throw notFound("agent", agent);
    const next = `npm run heddle -- tab set-action ${tab.id} ${
      USUAL[category].join(" ")
    } --webhook https://…`;
    return {
      json: { ...tab, agentId: agent, name, category },
      text: `Added the tab "${name}".\n\n${
        facts({ "tab id": tab.id })
      }\n\nIt is empty until an action has a webhook. Next: ${next}`,
    };
  },
};
