import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { MigrationFile } from "../install/migrations.ts";
import { type Edited, withHeddle, withoutFunctions, withoutHeddle } from "./config_toml.ts";
import { type EditedFile, functionPlan, removalPlan } from "./function_files.ts";
import { bundlesWithout } from "./left_out.ts";
import { type Bundles, manifestIn } from "./manifest.ts";
import { ourMigrations, restamped } from "./migrations.ts";
import { type OwnProject, refuseLinks } from "./own_project.ts";
import { remoteWarnings } from "./toml_file.ts";

/** Everything that is to be done in a project, known before any of it is done. Paths are relative to its folder. */
export interface Plan {
  write: { path: string; text: string; isNew: boolean }[];
  remove: string[];
  edited: EditedFile[];
  /** Changes of `config.toml`, a phrase each. */
  settings: string[];
  /** What the owner has to know, a sentence each. */
  warnings: string[];
  /** Whether the project has no migration of Heddle's before. */
  isFirst: boolean;
  /** The functions that the owner does without. */
  leftOut: string[];
}

interface Version {
  bundles: Bundles;
  migrations: MigrationFile[];
  now: Date;
  /** The functions to leave out from now on; as before without it. */
  without?: string[];
}

const CONFIG = "supabase/config.toml";

/** What brings Heddle into a project, or to this version. Throws a `CliError` if that can't be done; nothing is written here. */
export async function initPlan(project: OwnProject, version: Version): Promise<Plan> {
  const { migrations, now } = version;
  refuseLinks(project, ["config.toml", "functions", "migrations"]);
  const former = await manifestIn(project);
  const leftOut = version.without ?? former?.leftOut ?? [];
  const bundles = bundlesWithout(version.bundles, leftOut);
  const functions = await functionPlan(project, bundles);
  const names = Object.keys(bundles.manifest.functions);
  const gone = Object.keys(former?.functions ?? {}).filter((name) => leftOut.includes(name));
  const config = project.config === null ? null : configWith(project.config, names, gone);
  return {
    write: [
      ...functions.write,
      ...(await restamped(migrations, project, now)).map(({ path, script }) => ({
        path,
        text: script,
        isNew: true,
      })),
      ...(config !== null && config.changes.length > 0
        ? [{ path: CONFIG, text: config.text, isNew: false }]
        : []),
    ],
    remove: functions.remove,
    edited: functions.edited,
    settings: config?.changes ?? [],
    warnings: [
      ...(project.config === null ? [linesFor(names)] : remoteWarnings(project.config, names)),
      ...await habitWarnings(project),
    ],
    isFirst: (await ourMigrations(project)).length === 0,
    leftOut,
  };
}

function configWith(config: string, names: string[], gone: string[]): Edited {
  const without = withoutFunctions(config, gone);
  const edited = withHeddle(without.text, names);
  return { text: edited.text, changes: [...without.changes, ...edited.changes] };
}

/** What takes Heddle out again, but for migrations, which a database may have. Throws a `CliError` if that can't be done. */
export async function removePlan(project: OwnProject): Promise<Plan> {
  refuseLinks(project, ["config.toml", "functions"]);
  const functions = await removalPlan(project);
  const config = project.config === null ? null : withoutHeddle(project.config, functions.names);
  return {
    write: config !== null && config.changes.length > 0
      ? [{ path: CONFIG, text: config.text, isNew: false }]
      : [],
    remove: functions.remove,
    edited: functions.edited,
    settings: config?.changes ?? [],
    warnings: config === null ? ["Take heddle_api and the functions out of your config.json yourself."] : [],
    isFirst: false,
    leftOut: [],
  };
}

function linesFor(names: string[]): string {
  const functions = Object.fromEntries(names.map((name) => [name, { verify_jwt: false }]));
  return `Your settings are in a config.json, which Heddle does not edit. It needs "heddle_api" among api.schemas, and ${
    JSON.stringify({ functions })
  }.`;
}

/** Of what is usual, what would take Heddle out again. */
async function habitWarnings({ folder, config }: OwnProject): Promise<string[]> {
  const isDeclared = existsSync(join(folder, "supabase/schemas")) ||
    /^\s*schema_paths\s*=\s*\[\s*[^\]\s]/m.test(config ?? "");
  const prunes = await workflowsWith(folder, /functions deploy\b.*--prune/);
  return [
    ...(isDeclared
      ? [
        "You declare your schema: a plain supabase db diff would drop Heddle's. Name yours: supabase db diff --schema public.",
      ]
      : []),
    ...prunes.map((file) =>
      `${file} deploys with --prune, which deletes functions that its checkout does not have: commit Heddle's first.`
    ),
  ];
}

async function workflowsWith(folder: string, what: RegExp): Promise<string[]> {
  const workflows = join(folder, ".github/workflows");
  if (!existsSync(workflows)) return [];
  const names = (await readdir(workflows)).filter((name) => /\.ya?ml$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(workflows, name), "utf8")));
  return names.filter((_, index) => what.test(texts[index] ?? "")).map((name) => `.github/workflows/${name}`);
}
