import { createHash } from "node:crypto";
import { existsSync, lstatSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { CliError } from "../errors.ts";
import type { Files } from "../installation/built.ts";
import type { OwnProject } from "./own_project.ts";
import { functionsOf } from "./toml_file.ts";

const FUNCTIONS = "supabase/functions";
export const MANIFEST = "_heddle/heddle.json";

const FUNCTION_NAME = /^[a-z][a-z0-9-]*$/;
const manifestSchema = z.object({
  version: z.string(),
  functions: z.record(z.string().regex(FUNCTION_NAME), z.array(z.string())),
  /** SHA-256 of each file with LF, by its path below the functions' folder: in `_heddle`, or in a function's folder. */
  files: z.record(z.string(), z.string()),
}).refine(({ functions, files }) => {
  const isOurs = (path: string) => {
    const [folder = "", file = "", ...more] = path.split("/");
    const isFile = folder === "_heddle"
      ? /^\w[\w.-]*$/.test(file)
      : Object.hasOwn(functions, folder) && ["index.ts", "deno.json"].includes(file);
    return isFile && more.length === 0;
  };
  return Object.keys(files).every(isOurs);
});
export type Manifest = z.infer<typeof manifestSchema>;

/** A build of the functions: its manifest, and all of its files by their paths below the functions' folder. */
export interface Bundles {
  manifest: Manifest;
  files: Map<string, string>;
}

/** What is to be done with the files of a project's functions. Paths are relative to the project's folder. */
export interface FunctionPlan {
  write: { path: string; text: string; isNew: boolean }[];
  /** Those of an earlier version that this one has not got. */
  remove: string[];
  /** What the owner has edited: left as it is. */
  edited: string[];
}

/** The functions among the files of their build. */
export function bundlesOf(built: Files): Bundles {
  const textOf = (path: string) => new TextDecoder().decode(built.get(path));
  const manifest = parsed(textOf(MANIFEST), MANIFEST);
  const paths = [...Object.keys(manifest.files), MANIFEST];
  return { manifest, files: new Map(paths.map((path) => [path, textOf(path)])) };
}

/**
 * What brings a project's functions to these bundles. Throws a `CliError`, before anything was written, for functions of the
 * owner's with the name of one of ours, and for links in the way.
 */
export async function functionPlan(project: OwnProject, bundles: Bundles): Promise<FunctionPlan> {
  const { files } = bundles;
  const former = await manifestIn(project);
  refuseForeign(project, bundles, former);
  const plan: FunctionPlan = { write: [], remove: [], edited: [] };
  for (const [name, text] of files) {
    const path = `${FUNCTIONS}/${name}`;
    const present = await textOf(join(project.folder, path));
    if (present !== null && sha256(present) === sha256(text)) continue;
    if (present === null || name === MANIFEST || isUntouched(name, present, former)) {
      plan.write.push({ path, text, isNew: present === null });
    } else {
      plan.edited.push(path);
    }
  }
  const gone = Object.keys(former?.files ?? {}).filter((name) => !files.has(name));
  await sortOut(project, gone, former, plan);
  return plan;
}

/** What takes a project's functions out again, and their names. */
export async function removalPlan(project: OwnProject): Promise<FunctionPlan & { names: string[] }> {
  const former = await manifestIn(project);
  const plan = { write: [], remove: [], edited: [], names: Object.keys(former?.functions ?? {}) };
  if (former === null) return plan;
  await sortOut(project, [...Object.keys(former.files), MANIFEST], former, plan);
  return plan;
}

async function sortOut(project: OwnProject, names: string[], former: Manifest | null, plan: FunctionPlan) {
  for (const name of names) {
    const path = `${FUNCTIONS}/${name}`;
    const present = await textOf(join(project.folder, path));
    if (present === null) continue;
    const isOurs = name === MANIFEST || isUntouched(name, present, former);
    if (isOurs && linkIn(project, name) === null) plan.remove.push(path);
    else plan.edited.push(path);
  }
}

/** The first part of a file's path below the functions' folder that is a link, which leads who knows where; null if none is. */
function linkIn({ folder }: OwnProject, name: string): string | null {
  const parts = name.split("/");
  const paths = parts.map((_, index) => `${FUNCTIONS}/${parts.slice(0, index + 1).join("/")}`);
  return paths.find((path) => lstatSync(join(folder, path), { throwIfNoEntry: false })?.isSymbolicLink()) ??
    null;
}

/** What an earlier `init` wrote into the project; null if none did. */
async function manifestIn({ folder }: OwnProject): Promise<Manifest | null> {
  const text = await textOf(join(folder, FUNCTIONS, MANIFEST));
  return text === null ? null : parsed(text, `${FUNCTIONS}/${MANIFEST}`);
}

function parsed(text: string, path: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    throw new CliError(
      "conflict",
      `${path} is not what Heddle wrote: restore it, or remove the folder _heddle.`,
    );
  }
}

function refuseForeign(project: OwnProject, { manifest, files }: Bundles, former: Manifest | null): void {
  const names = Object.keys(manifest.functions).filter((name) =>
    !(former !== null && name in former.functions)
  );
  const isTaken = former === null && existsSync(join(project.folder, FUNCTIONS, "_heddle"));
  const foreign = [
    ...names.filter((name) => project.functions.includes(name)),
    ...(isTaken ? ["_heddle"] : []),
  ];
  if (foreign.length > 0) throw taken(`${foreign.join(", ")} in ${FUNCTIONS}`, foreign.length);
  const configured = project.config === null ? [] : functionsOf(project.config, names);
  if (configured.length > 0) {
    throw taken(
      `${configured.map((name) => `[functions.${name}]`).join(", ")} in supabase/config.toml`,
      configured.length,
    );
  }
  const links = new Set(
    [...files.keys()].map((name) => linkIn(project, name)).filter((path) => path !== null),
  );
  if (links.size > 0) {
    throw new CliError(
      "conflict",
      `${
        [...links].join(", ")
      }: Heddle writes through no link. Put a folder there first. Nothing was written.`,
    );
  }
}

function taken(what: string, count: number): CliError {
  return new CliError(
    "conflict",
    `Your project has ${what}, not of Heddle's: rename ${
      count === 1 ? "it" : "them"
    } first. Nothing was written.`,
  );
}

function isUntouched(name: string, text: string, former: Manifest | null): boolean {
  return former?.files[name] === sha256(text);
}

/** Null: there is none. */
async function textOf(file: string): Promise<string | null> {
  return existsSync(file) ? await readFile(file, "utf8") : null;
}

function sha256(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}
