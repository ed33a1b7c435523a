import { mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Command } from "../command.ts";
import { usageError } from "../errors.ts";
import { namesWithout, OPTIONAL } from "../init/left_out.ts";
import { bundlesOf } from "../init/manifest.ts";
import { ourMigrations } from "../init/migrations.ts";
import { findOwnProject, type OwnProject } from "../init/own_project.ts";
import { initPlan, type Plan, removePlan } from "../init/plan.ts";
import { reportOf } from "../init/report.ts";
import { migrationFiles } from "../install/migrations.ts";
import { builtFiles } from "../installation/built.ts";
import { callersFolder } from "../installation/place.ts";

export const init: Command = {
  name: "init",
  summary:
    "Puts Heddle into your own Supabase project's folder, for its CLI to deploy; run again, a newer version",
  details:
    "Writes the functions, the migrations behind your own ones, and two settings into supabase/config.toml. What you have\nedited is left and named; a function of yours with the name of one of Heddle's stops it before anything is written.",
  parameters: [],
  options: {
    "project": {
      type: "string",
      value: "FOLDER",
      help: "your project's folder; default: the one you are in, or one above",
    },
    "dry-run": { type: "boolean", help: "say what would be written, and write nothing" },
    "without": {
      type: "string",
      value: "NAMES",
      help: `functions to do without, some of ${
        Object.keys(OPTIONAL).join(",")
      }, or none; as before without it`,
    },
    "remove": { type: "boolean", help: "take it out again, but for migrations" },
  },
  examples: ["init --project ../shop --dry-run", "init --project ../shop"],
  needs: "nothing",
  async run({ input, terminal, progress }) {
    const project = await findOwnProject(input.text("project") ?? callersFolder(terminal.env));
    const without = input.text("without");
    if (without !== undefined && input.flag("remove")) {
      throw usageError("--remove takes out all of Heddle: give it without --without.");
    }
    const bundles = bundlesOf(await builtFiles("functions", progress));
    const plan = input.flag("remove") ? await removePlan(project) : await initPlan(project, {
      bundles,
      migrations: await migrationFiles(),
      now: new Date(),
      ...(without === undefined ? {} : { without: namesWithout(without) }),
    });
    if (!input.flag("dry-run")) await carryOut(project, plan);
    return reportOf(project, plan, {
      dryRun: input.flag("dry-run"),
      leftBehind: input.flag("remove") ? await ourMigrations(project) : null,
    });
  },
};

async function carryOut({ folder }: OwnProject, { write, remove }: Plan): Promise<void> {
  for (const { path, text } of write) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  for (const path of remove) await rm(join(folder, path));
  for (const parent of new Set(remove.map((path) => dirname(join(folder, path))))) {
    // What else is in there is the owner's.
    await rmdir(parent).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY") throw error;
    });
  }
}
