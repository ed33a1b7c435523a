import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Failure } from "./failure.ts";

const OLDEST_MAJOR = 3;

/**
 * Path of the Supabase CLI: the one among the packages, else `supabase` on the path. Throws a `Failure` that says how to
 * get one.
 */
export function findCli(packaged: string, searchPath = ""): string {
  const candidates = [
    packaged,
    ...searchPath.split(delimiter).filter(Boolean).map((folder) => join(folder, "supabase")),
  ];
  const found = candidates.find(isExecutable);
  if (found) return found;
  throw new Failure(
    "There is no Supabase CLI here. On Linux x64 npm ci installs it, unless it leaves optional packages out; elsewhere " +
      "install version 3 or later (https://supabase.com/docs/guides/cli) so that supabase --version works, then run this again.",
  );
}

/** Throws a `Failure` for a CLI whose options differ from those that the checks and docs/deploy.md use. */
export function requireSupported(version: string, path: string): void {
  const [, major] = /^v?(\d+)\./.exec(version) ?? [];
  if (Number(major) >= OLDEST_MAJOR) return;
  throw new Failure(
    `${path} is version ${
      version || "unknown"
    }: the checks need version ${OLDEST_MAJOR} or later. Update it, then run this again.`,
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // not there, or not for us: the next candidate may be
  }
}
