import type { Command } from "../command.ts";
import { migrationFiles } from "../install/migrations.ts";

export const policies: Command = {
  name: "policies",
  summary: "Prints the SQL that puts Heddle's policies on realtime.messages back: safe to run at any time",
  parameters: [],
  options: {},
  examples: ["policies > policies.sql"],
  needs: "nothing",
  async run() {
    const scripts = (await migrationFiles()).filter(({ name }) => name.endsWith("realtime_policies"));
    const sql = scripts.map(({ script }) => script.trimEnd()).join("\n\n");
    return { json: { sql }, text: sql };
  },
};
