import { readdir, readFile } from "node:fs/promises";
import * as z from "zod";
import { ensureFunctionsBuilt } from "../../../scripts/ensure_functions.mjs";
import { CliError, messageOf } from "../../errors.ts";
import type { Progress } from "../../output/progress.ts";

const BUILT = new URL("../../../dist/functions/", import.meta.url);
/** Where they are in a project, and so in an upload. */
const FUNCTIONS = "supabase/functions";
const manifestSchema = z.object({ functions: z.record(z.string(), z.array(z.string())) });

export interface FunctionSource {
  name: string;
  /** Paths are relative to the project's folder. */
  entrypoint: string;
  importMap: string;
  /** What Supabase needs to bundle it: the import map and every file that the entry point reaches. */
  files: { path: string; content: Uint8Array<ArrayBuffer> }[];
}

/** This checkout's functions, by name: built if needed, so that of each only a handful of files is uploaded, and nothing fetched. */
export async function functionSources(progress: Progress): Promise<FunctionSource[]> {
  await ensureFunctionsBuilt(progress).catch((error: unknown) => {
    throw new CliError("program_failed", messageOf(error));
  });
  const { functions } = manifestSchema.parse(
    JSON.parse(await readFile(new URL("_heddle/heddle.json", BUILT), "utf8")),
  );
  return await Promise.all(
    Object.entries(functions).map(async ([name, files]) => ({
      name,
      entrypoint: `${FUNCTIONS}/${name}/index.ts`,
      importMap: `${FUNCTIONS}/${name}/deno.json`,
      files: await Promise.all(files.map(async (path) => ({
        path: `${FUNCTIONS}/${path}`,
        content: new Uint8Array(await readFile(new URL(path, BUILT))),
      }))),
    })),
  );
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
