import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "../failure.ts";
import type { Upload } from "./management_api.ts";

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
 * fetch from npm. Throws a `Failure` for an upload that could not be deployed.
 */
export async function unpack({ metadata, files }: Upload, folder: string): Promise<Unpacked> {
  const { entrypoint_path: entry = "", import_map_path: config = "" } = metadata;
  const importMap = files.get(config);
  if (!files.has(entry)) throw new Failure(`Its entry (${entry || "none"}) was not uploaded.`);
  if (!importMap) throw new Failure(`Its import map (${config || "none"}) was not uploaded.`);
  for (const [path, content] of files) {
    const target = join(folder, path);
    if (!target.startsWith(folder)) throw new Failure(`${path} lies outside the project.`);
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
