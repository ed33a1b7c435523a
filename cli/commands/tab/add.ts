import { createdSchema } from "../../../shared/management.ts";
import {
  TAB_CATEGORIES,
  TAB_SOURCES,
  type TabAction,
  type TabCategory,
  type TabSource,
} from "../../../shared/tabs.ts";
import type { Command } from "../../command.ts";
import { notFound, usageError } from "../../errors.ts";
import { HEDDLE } from "../../installation/calls.ts";
import { facts } from "../../output/text.ts";
import { id, label, oneOf, required, visitorFields, wholeNumber } from "../input.ts";

/** The actions of a tab on which visitors can do all that they expect, by category. */
const USUAL: Record<TabCategory, TabAction[]> = {
  messaging: ["get_items", "item_clicked", "create_item", "update_item"],
  default: ["get_items", "item_clicked", "update_item", "delete_item"],
};

interface Added {
  agentId: string;
  tabId: string;
  category: TabCategory;
}

const next: Record<TabSource, (added: Added) => string> = {
  webhook: ({ tabId, category }) =>
    `It is empty until an action has a webhook. Next: ${HEDDLE} tab set-action ${tabId} ${
      USUAL[category].join(" ")
    } --webhook https://…`,
  store: ({ agentId }) =>
    `Visitors see it at once; their conversations are kept in this project. Who answers? Next: ${HEDDLE} operator invite ${agentId} --email ADDRESS --name NAME`,
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
    source: {
      type: "string",
      value: "SOURCE",
      help:
        "webhook (your backend answers, the default) or store (messaging; Heddle keeps the conversations)",
    },
    ask: {
      type: "string",
      value: "FIELDS",
      help:
        "name, email or name,email: what a store tab asks anonymous visitors for after their first message",
    },
    icon: {
      type: "string",
      value: "ICON",
      help: "an emoji, or chat or box; the category decides without one",
    },
    position: { type: "string", value: "N", help: "its place among the tabs, from 0" },
  },
  examples: [
    `tab add a0000000-0000-4000-8000-000000000001 --name "Chat with us" --source store --ask name,email`,
    "tab add a0000000-0000-4000-8000-000000000001 --name Messages --category messaging",
  ],
  needs: "api",
  async run({ input, project }) {
    const agent = id(input.positionals[0], "<agent-id>");
    const name = label(required(input.text("name"), "--name"), "--name");
    const source = oneOf(input.text("source") ?? "webhook", TAB_SOURCES, "--source");
    const wanted = input.text("category") ?? (source === "store" ? "messaging" : undefined);
    const category = oneOf(wanted, TAB_CATEGORIES, "--category");
    if (source === "store" && category !== "messaging") {
      throw usageError("--source store is for messaging tabs: it keeps conversations.");
    }
    const [icon, position, ask] = ["icon", "position", "ask"].map((option) => input.text(option));
    if (source !== "store" && ask !== undefined) throw usageError("--ask is for tabs with --source store.");
    const tab = await project.call(createdSchema, "create_tab", {
      p_agent_id: agent,
      p_name: name,
      p_category: category,
      p_icon: icon === undefined ? null : label(icon, "--icon"),
      p_position: position === undefined ? null : wholeNumber(position, "--position"),
      p_source: source,
      p_visitor_fields: ask === undefined ? [] : visitorFields(ask),
    });
    if (!tab) throw notFound("agent", agent);
    const added = { agentId: agent, tabId: tab.id, category };
    return {
      json: { ...tab, agentId: agent, name, category, source },
      text: [`Added the tab "${name}".`, facts({ "tab id": tab.id }), next[source](added)].join(
        "\n\n",
      ),
    };
  },
};
