import { relative } from "node:path";
import { pathToFileURL } from "node:url";
import { CliError } from "../../../cli/errors.ts";
import { run } from "../run.ts";
import { DENO, optionsFor } from "./unpack.ts";
import type { Unpacked } from "./unpack.ts";

interface Resolution {
  specifier?: string;
  error?: string;
}

interface Module {
  specifier: string;
  error?: string;
  dependencies?: { specifier: string; code?: Resolution; type?: Resolution }[];
}

/** A sentence for each import of an upload, types included, that leads nowhere within it. Throws if Deno can't read it. */
export async function missingImports(unpacked: Unpacked): Promise<string[]> {
  const { code, stdout, stderr } = await run(DENO, [
    ...["info", "--json", ...optionsFor(unpacked)],
    unpacked.entry,
  ], { cwd: unpacked.folder, env: { NO_COLOR: "1", HOME: unpacked.folder } });
  if (code !== 0) throw new CliError("program_failed", stderr.trim());
  const { modules }: { modules: Module[] } = JSON.parse(stdout);
  return missingIn(modules, unpacked.folder);
}

/** The same in a module graph as `deno info --json` prints it. */
export function missingIn(modules: Module[], folder: string): string[] {
  const broken = new Map(modules.flatMap(({ specifier, error }) => error ? [[specifier, error]] : []));
  return modules.flatMap(({ specifier: importer, dependencies = [] }) =>
    dependencies.flatMap(({ specifier, code, type }) => {
      const why = [code, type]
        .map((target) => target?.error ?? broken.get(target?.specifier ?? ""))
        .find((reason) => reason !== undefined);
      return why === undefined
        ? []
        : [`${pathIn(folder, importer)} imports ${specifier}: ${within(folder, why)}`];
    })
  );
}

function pathIn(folder: string, specifier: string): string {
  const base = pathToFileURL(folder).href;
  return specifier.startsWith(base) ? relative(base, specifier) : specifier;
}

/** What Deno says in its first line, with paths as the project has them. */
function within(folder: string, text: string): string {
  return (text.split("\n")[0] ?? "").replaceAll(`${pathToFileURL(folder).href}/`, "");
}
