import { createHash } from "node:crypto";
import { existsSync, lstatSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { CliError } from "../errors.ts";
import type { Files } from "../installation/built.ts";
import type { OwnProject } from "./own_project.ts";

export const FUNCTIONS = "supabase/functions";
export const MANIFEST = "_heddle/heddle.json";

const FUNCTION_NAME = /^[a-z][a-z0-9-]*$/;
const manifestSchema = z.object({
  version: z.string(),
  functions: z.record(z.string().regex(FUNCTION_NAME), z.array(z.string())),
  /**
   * SHA-256 of each file with LF, by its path below the functions' folder: in `_heddle`, or in a function's folder. In a
   * project, of one that its owner has edited, as it was when it was written.
   */
  files: z.record(z.string(), z.string()),
  /** The functions that the owner does without. */
  leftOut: z.array(z.string().regex(FUNCTION_NAME)).optional(),
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

/** A build of the functions: its manifest, and all of its other files by their paths below the functions' folder. */
export interface Bundles {
  manifest: Manifest;
  files: Map<string, string>;
}

/** The functions among the files of their build. */
export function bundlesOf(built: Files): Bundles {
  const textOf = (path: string) => new TextDecoder().decode(built.get(path));
  const manifest = parsed(textOf(MANIFEST), MANIFEST);
  return { manifest, files: new Map(Object.keys(manifest.files).map((path) => [path, textOf(path)])) };
}

/** What an earlier `init` wrote into the project, or `init --remove` left there; null if there is nothing of that. */
export async function manifestIn({ folder }: OwnProject): Promise<Manifest | null> {
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

/** As `init` writes it. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** The first part of a file's path below the functions' folder that is a link, which leads who knows where; null if none is. */
export function linkIn({ folder }: OwnProject, name: string): string | null {
  const parts = name.split("/");
  const paths = parts.map((_, index) => `${FUNCTIONS}/${parts.slice(0, index + 1).join("/")}`);
  return paths.find((path) => lstatSync(join(folder, path), { throwIfNoEntry: false })?.isSymbolicLink()) ??
    null;
}

/** Null: there is none. */
export async function textOf(file: string): Promise<string | null> {
  return existsSync(file) ? await readFile(file, "utf8") : null;
}

/** Of a text with LF. */
export function sha256(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}
