import type { Output } from "../command.ts";
import { HEDDLE } from "../installation/calls.ts";
import { DROP_SQL } from "./drop.ts";
import type { EditedFile } from "./function_files.ts";
import { OPTIONAL } from "./left_out.ts";
import { versionsIn } from "./migrations.ts";
import type { OwnProject } from "./own_project.ts";
import type { Plan } from "./plan.ts";

const REPAIR = "supabase migration repair --remote --status";

interface Circumstances {
  dryRun: boolean;
  /** The migrations that stay where Heddle is taken out; null where it is not. */
  leftBehind: string[] | null;
}

/** What `init` says of a plan that was carried out, or would be, and what comes next. */
export function reportOf({ folder }: OwnProject, plan: Plan, circumstances: Circumstances): Output {
  const { remove, edited, settings, warnings, leftOut } = plan;
  const { dryRun, leftBehind } = circumstances;
  // A dry run does not know when the other one will be.
  const written = plan.write.map(({ path, isNew }) => ({
    path: dryRun ? path.replace(/\/\d{14}(?=_heddle_)/, "/<time>") : path,
    isNew,
  }));
  const json = {
    folder,
    written: written.map(({ path }) => path),
    removed: remove,
    edited: edited.map(({ path }) => path),
    settings,
    warnings,
    leftOut,
  };
  const lines = [
    ...written.map(({ path, isNew }) => `  ${isNew ? "+" : "~"} ${path}`),
    ...remove.map((path) => `  - ${path}`),
    ...settings.map((change) => `    ${change}`),
  ];
  const notes = [
    ...leftOut.map((name) => `- ${name} is left out: ${OPTIONAL[name]}. init --without none brings it.`),
    ...edited.map((file) => `! ${sentenceOf(file)}`),
    ...warnings.map((warning) => `! ${warning}`),
  ];
  const isChanged = written.length + remove.length > 0;
  const last = leftBehind ? afterRemoval(leftBehind) : isChanged ? next(plan, circumstances) : "";
  return {
    json,
    text: [[headline(folder, plan, dryRun), ...lines].join("\n"), notes.join("\n"), last].filter(Boolean)
      .join("\n\n"),
  };
}

function headline(folder: string, { write, remove }: Plan, dryRun: boolean): string {
  const created = write.filter(({ isNew }) => isNew).length;
  const parts = [
    { verb: dryRun ? "write" : "wrote", what: "new file", count: created },
    { verb: dryRun ? "change" : "changed", what: "file", count: write.length - created },
    { verb: dryRun ? "remove" : "removed", what: "file", count: remove.length },
  ].filter(({ count }) => count > 0);
  if (parts.length === 0) return "Nothing to do.";
  const [first = "", ...others] = parts.map(({ verb, what, count }, index) =>
    index > 0 ? `${verb} ${count}` : `${verb} ${count} ${what}${count === 1 ? "" : "s"}`
  );
  const all = [first, ...others.slice(0, -1)].join(", ") + (others.length > 0 ? ` and ${others.at(-1)}` : "");
  return `${dryRun ? `Would ${all}` : all[0]?.toUpperCase() + all.slice(1)}: ${folder}`;
}

function sentenceOf({ path, ours }: EditedFile): string {
  const stays = `${path} was edited: it is left as it is`;
  if (ours === "none") return `${stays}. Delete it if nothing of yours needs it.`;
  return ours === "same"
    ? `${stays}. This version has changed nothing in that file; to have Heddle's, delete it and run init again.`
    : `${stays}, and this version has another one. To have that, keep what you need of yours elsewhere, delete it and run init again.`;
}

function next({ write, isFirst }: Plan, { dryRun }: Circumstances): string {
  const then = [
    "deploy --only api,widget",
    ...(isFirst ? ["agent create --name Shop --origin https://shop.example"] : []),
    "doctor",
  ];
  return `Next, in your project:
  supabase db push --remote
  supabase functions deploy --use-api
then, from here:
${then.map((command) => `  ${HEDDLE} ${command}`).join("\n")}${
    isFirst
      ? `\n\n${handOver(versionsIn(write.map(({ path }) => path.split("/").at(-1) ?? "")), dryRun)}`
      : ""
  }`;
}

/** Only where none of these was in the folder before: what `install` has applied is then all of them, and the CLI none. */
function handOver(versions: string[], dryRun: boolean): string {
  return `If heddle install or deploy has put Heddle into this project's database before, bring that to this version first, then
tell the CLI, before it pushes, that these migrations are there:
  ${HEDDLE} install
  ${
    dryRun
      ? `${REPAIR} applied …  (init without --dry-run says which)`
      : `${REPAIR} applied ${versions.join(" ")}`
  }`;
}

function afterRemoval(migrations: string[]): string {
  const versions = versionsIn(migrations);
  if (versions.length === 0) return "";
  return `Your database may have Heddle still, so its migrations stay. This SQL drops it, with all conversations:

${DROP_SQL}

After that:
  ${REPAIR} reverted ${versions.join(" ")}
and delete from supabase/migrations:
${migrations.map((name) => `  ${name}`).join("\n")}`;
}
