import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CliError } from "../errors.ts";
import type { MigrationFile } from "../install/migrations.ts";
import type { OwnProject } from "./own_project.ts";

/** `<UTC time>_heddle_<topic>.sql`. */
const OURS = /^\d+_heddle_(\w+)\.sql$/;
const VERSION = /^(\d{14})_/;
const SECOND_MS = 1000;

export interface Restamped {
  /** Relative to the project's folder. */
  path: string;
  script: string;
}

/** What each begins with: the owner may have a migration of such a name. */
const MARK = "-- Written by heddle init";

/**
 * Heddle's migrations as files of the owner's project: those that it has not got, by their topics, under versions behind
 * its last one and not before now, since the Supabase CLI applies only what comes after what it has applied. Throws a
 * `CliError` where a migration of the owner's has the name of one of these, and where one is of a later Heddle.
 */
export async function restamped(
  files: MigrationFile[],
  project: OwnProject,
  now: Date,
): Promise<Restamped[]> {
  const ours = await ourMigrations(project);
  const later = ours.filter((name) => !files.some((file) => file.name === topicOf(name)));
  if (later.length > 0) {
    throw new CliError(
      "conflict",
      `Your project has ${
        later.join(", ")
      } in supabase/migrations, of a later Heddle than this: update Heddle first. Nothing was written.`,
    );
  }
  const present = new Set(ours.map(topicOf));
  const foreign = project.migrations.find((name) =>
    !present.has(topicOf(name)) && files.some((file) => file.name === topicOf(name))
  );
  if (foreign !== undefined) {
    throw new CliError(
      "conflict",
      `Your project has supabase/migrations/${foreign}, not of Heddle's: call it something else behind its number first. Nothing was written.`,
    );
  }
  const newest = project.migrations.map((name) => VERSION.exec(name)?.[1] ?? "").sort().at(-1) ?? "";
  const from = Math.max(now.getTime(), newest ? timeOf(newest) + SECOND_MS : 0);
  return files.filter(({ name }) => !present.has(name)).map(({ name, script }, index) => ({
    path: `supabase/migrations/${versionAt(from + index * SECOND_MS)}_heddle_${name}.sql`,
    script: `${MARK}: ${name}\n\n${script}`,
  }));
}

/** The names of Heddle's among a project's migrations. */
export async function ourMigrations({ folder, migrations }: OwnProject): Promise<string[]> {
  const named = migrations.filter((name) => OURS.test(name));
  const texts = await Promise.all(
    named.map((name) => readFile(join(folder, "supabase/migrations", name), "utf8")),
  );
  return named.filter((_, index) => texts[index]?.replace(/^\ufeff/, "").startsWith(MARK));
}

function topicOf(name: string): string | undefined {
  return OURS.exec(name)?.[1];
}

/** The versions of Heddle's among migrations' file names. */
export function versionsIn(names: string[]): string[] {
  return names.filter((name) => OURS.test(name)).map((name) => VERSION.exec(name)?.[1] ?? "").filter(Boolean)
    .sort();
}

/** Such as 20261130120000, in UTC. */
function versionAt(time: number): string {
  return new Date(time).toISOString().replace(/\D/g, "").slice(0, 14);
}

function timeOf(version: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(version) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // Some number their files by hand, which names no time.
  return Number.isNaN(time) ? 0 : time;
}
