import { existsSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { CliError } from "../../../cli/errors.ts";
import { run } from "../run.ts";
import type { Upload } from "./management_api.ts";

/** The Deno that hosted Supabase runs functions with; an optional package, for Linux x64 only. */
const HOSTED = fileURLToPath(new URL("../../../node_modules/deno-hosted/deno", import.meta.url));

/** The hosted Deno, or else the one that the local stack uses. */
export const DENO = existsSync(HOSTED) ? HOSTED : process.execPath;

const INSTALLED = fileURLToPath(new URL("../../../node_modules", import.meta.url));

/** An upload in a folder of its own: Supabase's bundler sees nothing else, and neither does who runs it from there. */
export interface Unpacked {
  folder: string;
  /** Relative to the folder, as the next two are. */
  entry: string;
  config: string;
}

/**
 * Writes an upload's files, and beside them the packages that its import map names and no others: what Supabase would
 * fetch from npm. Throws a `CliError` for an upload that could not be deployed.
 */
export async function unpack({ metadata, files }: Upload, folder: string): Promise<Unpacked> {
  const { entrypoint_path: entry = "", import_map_path: config = "" } = metadata;
  const importMap = files.get(config);
  if (!files.has(entry)) throw new CliError("conflict", `Its entry (${entry || "none"}) was not uploaded.`);
  if (!importMap) throw new CliError("conflict", `Its import map (${config || "none"}) was not uploaded.`);
  for (const [path, content] of files) {
    const target = join(folder, path);
    if (!target.startsWith(folder)) throw new CliError("conflict", `${path} lies outside the project.`);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
  }
  await linkPackages(npmPackages(new TextDecoder().decode(importMap)), folder);
  return { folder, entry, config };
}

/** Names and versions of the packages that an import map takes from npm. */
function npmPackages(importMap: string): Map<string, string> {
  const { imports = {} }: { imports?: Record<string, string> } = JSON.parse(importMap);
  const targets = Object.values(imports).map((target) =>
    /^npm:\/?((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(target)
  );
  return new Map(targets.flatMap((match) => match ? [[match[1] ?? "", match[2] ?? ""]] : []));
}

async function linkPackages(packages: Map<string, string>, folder: string): Promise<void> {
  for (const name of packages.keys()) {
    const link = join(folder, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(INSTALLED, name), link);
  }
  // Deno finds packages in a node_modules only when a package.json asks for them.
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ dependencies: Object.fromEntries(packages) }),
  );
}

/** Options with which a Deno subcommand sees an upload's folder, its import map, and no network. */
export function optionsFor({ config }: Unpacked): string[] {
  return ["--node-modules-dir=manual", "--no-remote", "--config", config];
}

/** Such as "Deno 2.1.4". */
export async function denoVersion(): Promise<string> {
  const { stdout } = await run(DENO, ["--version"]);
  return `Deno ${/^deno (\S+)/.exec(stdout)?.[1] ?? "of an unknown version"}`;
}
