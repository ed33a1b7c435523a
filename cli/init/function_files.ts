import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { CliError } from "../errors.ts";
import type { Files } from "../installation/built.ts";
import type { OwnProject } from "./own_project.ts";

const FUNCTIONS = "supabase/functions";
export const MANIFEST = "_heddle/heddle.json";

const manifestSchema = z.object({
  version: z.string(),
  functions: z.record(z.string(), z.array(z.string())),
  /** SHA-256 of each file with LF, by its path below the functions' folder. */
  files: z.record(z.string(), z.string()),
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
 * owner's with the name of one of ours.
 */
export async function functionPlan(project: OwnProject, { manifest, files }: Bundles): Promise<FunctionPlan> {
  const former = await manifestIn(project);
  refuseForeign(project, manifest, former);
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

/** What takes a project's functions out again. */
export async function removalPlan(project: OwnProject): Promise<FunctionPlan> {
  const former = await manifestIn(project);
  const plan: FunctionPlan = { write: [], remove: [], edited: [] };
  if (former === null) return plan;
  await sortOut(project, Object.keys(former.files), former, plan);
  plan.remove.push(`${FUNCTIONS}/${MANIFEST}`);
  return plan;
}

async function sortOut(project: OwnProject, names: string[], former: Manifest | null, plan: FunctionPlan) {
  for (const name of names) {
    const path = `${FUNCTIONS}/${name}`;
    const present = await textOf(join(project.folder, path));
    if (present === null) continue;
    if (isUntouched(name, present, former)) plan.remove.push(path);
    else plan.edited.push(path);
  }
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

function refuseForeign(project: OwnProject, manifest: Manifest, former: Manifest | null): void {
  const foreign = project.functions.filter((name) =>
    name in manifest.functions && !(former !== null && name in former.functions)
  );
  const isTaken = former === null && existsSync(join(project.folder, FUNCTIONS, "_heddle"));
  const names = [...foreign, ...(isTaken ? ["_heddle"] : [])];
  if (names.length === 0) return;
  throw new CliError(
    "conflict",
    `Your project has ${names.join(", ")} in ${FUNCTIONS}, not of Heddle's: rename ${
      names.length === 1 ? "it" : "them"
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
