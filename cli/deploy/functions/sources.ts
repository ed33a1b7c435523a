import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CliError } from "../../errors.ts";

const ROOT = new URL("../../../", import.meta.url);
const FUNCTIONS = "supabase/functions";
const MAX_GRAPH_BYTES = 16 * 1024 * 1024;
const execute = promisify(execFile);

export interface FunctionSource {
  name: string;
  /** Paths are relative to the project's folder. */
  entrypoint: string;
  importMap: string;
  /** What Supabase needs to bundle it: the import map and every file that the entry point reaches. */
  files: { path: string; content: Uint8Array<ArrayBuffer> }[];
}

interface ModuleGraph {
  modules: { specifier: string; error?: string }[];
}

/** This checkout's functions, by name. */
export async function functionSources(): Promise<FunctionSource[]> {
  const names = await functionNames(new URL(FUNCTIONS, ROOT));
  return await Promise.all(names.map(async (name) => {
    const entrypoint = `${FUNCTIONS}/${name}/index.ts`;
    const importMap = `${FUNCTIONS}/${name}/deno.json`;
    const paths = [importMap, ...await modulesOf(entrypoint)];
    const files = await Promise.all(paths.map(async (path) => ({
      path,
      content: new Uint8Array(await readFile(new URL(path, ROOT))),
    })));
    return { name, entrypoint, importMap, files };
  }));
}

/** The project's own files that a module imports, itself first; packages come from the import map. */
async function modulesOf(entrypoint: string): Promise<string[]> {
  const { stdout } = await execute(process.execPath, ["info", "--json", entrypoint], {
    cwd: fileURLToPath(ROOT),
    maxBuffer: MAX_GRAPH_BYTES,
  }).catch(() => {
    throw new CliError("program_failed", `Deno could not read the imports of ${entrypoint}.`);
  });
  const { modules }: ModuleGraph = JSON.parse(stdout);
  const own = modules.filter(({ specifier }) =>
    specifier.startsWith(ROOT.href) && !specifier.includes("/node_modules/")
  );
  const broken = own.find(({ error }) => error !== undefined);
  if (broken) {
    throw new CliError("conflict", `${entrypoint} has an import that can't be resolved: ${broken.error}.`);
  }
  return own.map(({ specifier }) => decodeURI(specifier.slice(ROOT.href.length)));
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
