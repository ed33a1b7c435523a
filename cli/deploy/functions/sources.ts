import { readdir } from "node:fs/promises";
import { bundlesWithout } from "../../init/left_out.ts";
import { bundlesOf } from "../../init/manifest.ts";
import { builtFiles } from "../../installation/built.ts";
import type { Progress } from "../../output/progress.ts";

/** Where they are in a project, and so in an upload. */
const FUNCTIONS = "supabase/functions";

export interface FunctionSource {
  name: string;
  /** Paths are relative to the project's folder. */
  entrypoint: string;
  importMap: string;
  /** What Supabase needs to bundle it: the import map and every file that the entry point reaches. */
  files: { path: string; content: Uint8Array<ArrayBuffer> }[];
}

/**
 * This version's functions but those that are left out, by name: built if needed, so that of each only a handful of files is
 * uploaded, and nothing fetched.
 */
export async function functionSources(progress: Progress, leftOut: string[] = []): Promise<FunctionSource[]> {
  const { manifest, files } = bundlesWithout(bundlesOf(await builtFiles("functions", progress)), leftOut);
  return Object.entries(manifest.functions).map(([name, paths]) => ({
    name,
    entrypoint: `${FUNCTIONS}/${name}/index.ts`,
    importMap: `${FUNCTIONS}/${name}/deno.json`,
    files: paths.map((path) => ({
      path: `${FUNCTIONS}/${path}`,
      content: new TextEncoder().encode(files.get(path)),
    })),
  }));
}

/**
 * The functions in a folder such as supabase/functions, by name. What they share begins with an underscore; beside them
 * may be an .env, as the Supabase CLI has it, or hidden files of a desktop.
 */
export async function functionNames(folder: string | URL): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && /^[a-z]/.test(entry.name))
    .map(({ name }) => name).sort();
}
