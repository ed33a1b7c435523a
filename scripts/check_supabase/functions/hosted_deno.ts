import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { run } from "../run.ts";
import type { Unpacked } from "./unpack.ts";

/** The Deno that hosted Supabase runs functions with; an optional package, for Linux x64 only. */
const HOSTED = fileURLToPath(new URL("../../../node_modules/deno-hosted/deno", import.meta.url));

/** The hosted Deno, or else the one that the local stack uses. */
export const DENO = existsSync(HOSTED) ? HOSTED : process.execPath;

/** Options with which a Deno subcommand sees an upload's folder, its import map, and no network. */
export function optionsFor({ config }: Unpacked): string[] {
  return ["--node-modules-dir=manual", "--no-remote", "--config", config];
}

/** Such as "Deno 2.1.4". */
export async function denoVersion(): Promise<string> {
  const { stdout } = await run(DENO, ["--version"]);
  return `Deno ${/^deno (\S+)/.exec(stdout)?.[1] ?? "of an unknown version"}`;
}
