import { changedTabSchema } from "../../../shared/management.ts";
import type { Command } from "../../command.ts";
import { notFound } from "../../errors.ts";
import { id } from "../input.ts";

export const tabRemove: Command = {
  name: "tab remove",
  summary: "Removes a tab with its actions; your backend's data stays",
  parameters: ["<tab-id>"],
  options: {},
  examples: ["tab remove b0000000-0000-4000-8000-000000000001"],
  needs: "api",
  async run({ input, project }) {
    const wanted = id(input.positionals[0], "<tab-id>");
    const tab = await project.call(changedTabSchema, "remove_tab", { p_tab_id: wanted });
    if (!tab) throw notFound("tab", wanted);
    return { json: { ...tab, removed: true }, text: `Removed the tab "${tab.name}".` };
  },
};
