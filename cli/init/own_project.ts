import { existsSync, lstatSync, realpathSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CliError, usageError } from "../errors.ts";

const CHECKOUT = resolve(fileURLToPath(new URL("../..", import.meta.url)));

/** A folder with a Supabase project of the owner's. */
export interface OwnProject {
  /** It holds `supabase/`. */
  folder: string;
  /** `supabase/config.toml`, or null where the project has a `config.json` in its place, which only its owner edits. */
  config: string | null;
  /** Names of the files in `supabase/migrations`. */
  migrations: string[];
  /** Names in `supabase/functions` of what the CLI may deploy: folders, also by a link. */
  functions: string[];
}

/** The project in or above a folder, as the Supabase CLI finds it. Throws a `CliError` if there is none. */
export async function findOwnProject(from: string): Promise<OwnProject> {
  const folder = folderAbove(resolve(from));
  if (folder === null) {
    throw usageError(
      `There is no supabase/config.toml in ${
        resolve(from)
      } or above it: run supabase init there first, or name your project's folder with --project.`,
    );
  }
  if (folder === CHECKOUT) {
    throw usageError("This is Heddle's own checkout: name your project's folder with --project.");
  }
  const supabase = join(folder, "supabase");
  const toml = join(supabase, "config.toml");
  return {
    folder,
    config: existsSync(toml) ? await readFile(toml, "utf8") : null,
    migrations: (await namesIn(join(supabase, "migrations"))).filter(({ isFolder }) => !isFolder).map((
      { name },
    ) => name),
    functions: (await namesIn(join(supabase, "functions")))
      .filter(({ name }) => !/^[_.]/.test(name)).map(({ name }) => name),
  };
}

/**
 * Throws a `CliError` if one of these is a link, which leads who knows where: `supabase` itself, or what stands in it. Links above
 * are the owner's way to the project.
 */
export function refuseLinks({ folder }: OwnProject, names: string[]): void {
  const paths = ["supabase", ...names.map((name) => `supabase/${name}`)];
  const link = paths.find((path) =>
    lstatSync(join(folder, path), { throwIfNoEntry: false })?.isSymbolicLink() === true
  );
  if (link === undefined) return;
  throw new CliError(
    "conflict",
    `${join(folder, link)} is a link: Heddle writes through none. ${
      insteadOf(join(folder, link))
    } Nothing was written.`,
  );
}

function insteadOf(link: string): string {
  const real = existsSync(link) ? realpathSync(link) : null;
  if (basename(link) === "supabase" && real !== null && basename(real) === "supabase") {
    return `Name the folder that really holds it: --project ${dirname(real)}.`;
  }
  return `Put the ${basename(link).includes(".") ? "file" : "folder"} itself there first.`;
}

function folderAbove(folder: string): string | null {
  if (["config.toml", "config.json"].some((name) => existsSync(join(folder, "supabase", name)))) {
    return folder;
  }
  return dirname(folder) === folder ? null : folderAbove(dirname(folder));
}

async function namesIn(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  if (!existsSync(folder)) return [];
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
      .sort((a, b) => a.name < b.name ? -1 : 1);
  } catch {
    throw new CliError("access_denied", `${folder} can't be read.`);
  }
}
