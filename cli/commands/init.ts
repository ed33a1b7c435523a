import { mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Command, Output } from "../command.ts";
import { bundlesOf } from "../init/function_files.ts";
import { DROP_SQL } from "../init/drop.ts";
import { ourMigrations, versionsIn } from "../init/migrations.ts";
import { findOwnProject, type OwnProject } from "../init/own_project.ts";
import { initPlan, type Plan, removePlan } from "../init/plan.ts";
import { migrationFiles } from "../install/migrations.ts";
import { builtFiles } from "../installation/built.ts";
import { callersFolder } from "../installation/place.ts";
import { HEDDLE } from "../installation/calls.ts";

const REPAIR = "supabase migration repair --remote --status";

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
    "remove": { type: "boolean", help: "take it out again, but for migrations" },
  },
  examples: ["init --project ../shop --dry-run", "init --project ../shop"],
  needs: "nothing",
  async run({ input, terminal, progress }) {
    const project = await findOwnProject(input.text("project") ?? callersFolder(terminal.env));
    const bundles = bundlesOf(await builtFiles("functions", progress));
    const plan = input.flag("remove")
      ? await removePlan(project)
      : await initPlan(project, { bundles, migrations: await migrationFiles(), now: new Date() });
    if (!input.flag("dry-run")) await carryOut(project, plan);
    return outputOf(project, plan, {
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

function outputOf(
  project: OwnProject,
  plan: Plan,
  { dryRun, leftBehind }: {
    dryRun: boolean;
    /** The migrations that stay where Heddle is taken out. */
    leftBehind: string[] | null;
  },
): Output {
  const { write, remove, edited, settings, warnings } = plan;
  const json = {
    folder: project.folder,
    written: write.map(({ path }) => path),
    removed: remove,
    edited,
    settings,
    warnings,
  };
  const lines = [
    ...write.map(({ path, isNew }) => `  ${isNew ? "+" : "~"} ${path}`),
    ...remove.map((path) => `  - ${path}`),
    ...settings.map((change) => `    ${change}`),
  ];
  const notes = [
    ...edited.map((path) => `! ${path} was edited: it is left as it is.`),
    ...warnings.map((warning) => `! ${warning}`),
  ];
  const changes = write.length + remove.length;
  const done = changes === 0
    ? "Nothing to do."
    : `${dryRun ? "Would change" : "Changed"} ${changes} files of ${project.folder}:`;
  const last = leftBehind ? afterRemoval(leftBehind) : changes > 0 ? next(plan) : "";
  return { json, text: [[done, ...lines].join("\n"), notes.join("\n"), last].filter(Boolean).join("\n\n") };
}

function next({ write }: Plan): string {
  const versions = versionsIn(write.map(({ path }) => basename(path)));
  const pushed = versions.length === 0 ? "" : `
If heddle install has put Heddle into this project's database before, its CLI is to push nothing of that:
  ${REPAIR} applied ${versions.join(" ")}
`;
  return `Next, in your project:
  supabase db push --remote
  supabase functions deploy --use-api
then, from here: ${HEDDLE} deploy --only api,widget, agent create, and doctor.
${pushed}`.trimEnd();
}

function afterRemoval(migrations: string[]): string {
  const versions = versionsIn(migrations);
  if (versions.length === 0) return "";
  return `Your database may have Heddle still, so its migrations stay. This SQL drops it, with all conversations:

${DROP_SQL}

After that: ${REPAIR} reverted ${versions.join(" ")}
and delete from supabase/migrations:
${migrations.map((name) => `  ${name}`).join("\n")}`;
}
