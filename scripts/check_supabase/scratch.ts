import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { CliError } from "../../cli/errors.ts";

/** What is deployed, what that imports, and what owners read about it. */
const PARTS = ["supabase", "shared", "docs", "README.md"];

export interface Scratch {
  folder: string;
  /** The CLI's HOME. */
  home: string;
  /** Copy of the project. */
  project: string;
}

/**
 * A folder that goes with this process. The CLI works in a copy of the project: there it finds nothing of the user's (a
 * linked project, an .env), and what it writes is not left in the checkout. Throws a `CliError` if the folder is not a checkout.
 */
export async function makeScratch(projectDir: string): Promise<Scratch> {
  const missing = PARTS.find((part) => !existsSync(join(projectDir, part)));
  if (missing) {
    throw new CliError("conflict", `${projectDir} is not a checkout of Heddle: it has no ${missing}.`);
  }
  const folder = mkdtempSync(join(tmpdir(), "heddle-check-supabase-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const [home, project] = [join(folder, "home"), join(folder, "project")];
  mkdirSync(home);
  for (const part of PARTS) {
    await cp(join(projectDir, part), join(project, part), {
      recursive: true,
      filter: (source) => !basename(source).startsWith("."),
    });
  }
  return { folder, home, project };
}
