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

/**
 * Heddle's migrations as files of the owner's project: those that it has not got, by their topics, under versions behind
 * its last one and not before now, since the Supabase CLI applies only what comes after what it has applied.
 */
export function restamped(files: MigrationFile[], project: OwnProject, now: Date): Restamped[] {
  const present = new Set(topicsOf(project));
  const newest = project.migrations.map((name) => VERSION.exec(name)?.[1] ?? "").sort().at(-1) ?? "";
  const from = Math.max(now.getTime(), newest ? timeOf(newest) + SECOND_MS : 0);
  return files.filter(({ name }) => !present.has(name)).map(({ name, script }, index) => ({
    path: `supabase/migrations/${versionAt(from + index * SECOND_MS)}_heddle_${name}.sql`,
    script,
  }));
}

/** The topics of Heddle's migrations that a project has already. */
function topicsOf({ migrations }: OwnProject): string[] {
  return migrations.map((name) => OURS.exec(name)?.[1]).filter((topic) => topic !== undefined);
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
