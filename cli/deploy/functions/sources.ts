import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Failure } from "../../errors.ts";
import { functionNames } from "./names.ts";

const ROOT = new URL("../../../", import.meta.url);
const FUNCTIONS = "supabase/functions";

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

/** The project's own files that a module imports, itself first; packages are the import map's affair. */
async function modulesOf(entrypoint: string): Promise<string[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entrypoint],
    cwd: fileURLToPath(ROOT),
    stderr: "null",
  }).output();
  if (!success) throw new Failure(`Deno could not read the imports of ${entrypoint}.`);
  const { modules }: ModuleGraph = JSON.parse(new TextDecoder().decode(stdout));
  const own = modules.filter(({ specifier }) =>
    specifier.startsWith(ROOT.href) && !specifier.includes("/node_modules/")
  );
  const broken = own.find(({ error }) => error !== undefined);
  if (broken) throw new Failure(`${entrypoint} imports what is not there: ${broken.error}.`);
  return own.map(({ specifier }) => decodeURI(specifier.slice(ROOT.href.length)));
}
