import type { Command } from "../command.ts";
import { bringUpToDate } from "../install/bring_up_to_date.ts";
import { HEDDLE } from "../installation/calls.ts";

const NEXT =
  `Next: ${HEDDLE} deploy does the rest. Without it: add heddle_api under Project Settings → Data API →
Exposed schemas, deploy the functions, upload the widget, then ${HEDDLE} doctor`;

export const install: Command = {
  name: "install",
  summary: "Applies Heddle's SQL migrations to an existing project; run again, only new ones",
  parameters: [],
  options: { "dry-run": { type: "boolean", help: "say what would be applied, and apply nothing" } },
  examples: ["install --database-url postgresql://postgres:…@db.abc.supabase.co:5432/postgres"],
  needs: "database",
  async run({ input, target: { databaseUrl = "" }, terminal, progress }) {
    const dryRun = input.flag("dry-run");
    const { all, pending, applied } = await bringUpToDate(databaseUrl, {
      dryRun,
      progress,
      applied: (name) => input.flag("json") || terminal.notice(`  ✓ ${name}`),
    });
    if (pending.length === 0) {
      return { json: { applied }, text: `Up to date: the database has all ${all} migrations.` };
    }
    if (dryRun) {
      return { json: { pending }, text: `Would apply:\n${pending.map((name) => `  ${name}`).join("\n")}` };
    }
    const what = pending.length === all ? "Installed Heddle" : "Upgraded Heddle";
    const count = `${applied.length} migration${applied.length === 1 ? "" : "s"} applied`;
    const others = applied.length < pending.length ? ", the others by another install meanwhile" : "";
    return { json: { applied }, text: `${what}: ${count}${others}.\n\n${NEXT}` };
  },
};
