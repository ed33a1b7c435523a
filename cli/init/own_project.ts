import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
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
