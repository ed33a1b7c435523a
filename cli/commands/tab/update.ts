import { changedTabSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound, usageError } from "../../errors.ts";
import { id, label, visitorFields, wholeNumber } from "../input.ts";

export const tabUpdate: Command = {
  name: "tab update",
  summary: "Changes a tab's name, icon, place or questions; what is not given stays unchanged",
  parameters: ["<tab-id>"],
  options: {
    name: { type: "string", value: "NAME", help: "as shown to visitors" },
    icon: { type: "string", value: "ICON", help: "an emoji, or chat or box; none: the category decides" },
    position: { type: "string", value: "N", help: "its place among the tabs, from 0" },
    ask: {
      type: "string",
      value: "FIELDS",
      help: "name, email, name,email or none: what a store tab asks anonymous visitors for",
    },
  },
  examples: ["tab update b0000000-0000-4000-8000-000000000001 --name Inbox --position 0"],
  needs: "api",
  async run({ input, project }) {
    const wanted = id(input.positionals[0], "<tab-id>");
    const [name, icon, position, ask] = ["name", "icon", "position", "ask"].map((option) =>
      input.text(option)
    );
    const changes = {
      ...(name === undefined ? {} : { name: label(name, "--name") }),
      ...(icon === undefined ? {} : { icon: icon === "none" ? null : label(icon, "--icon") }),
      ...(position === undefined ? {} : { position: wholeNumber(position, "--position") }),
      ...(ask === undefined ? {} : { visitorFields: visitorFields(ask) }),
    };
    if (Object.keys(changes).length === 0) {
      throw usageError("Nothing to change: give --name, --icon, --position or --ask.");
    }
    const tab = await project.call(changedTabSchema, "update_tab", { p_tab_id: wanted, p_changes: changes });
    if (!tab) throw notFound("tab", wanted);
    return { json: tab, text: `Changed the tab "${tab.name}".` };
  },
};
