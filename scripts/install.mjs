import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { progress } from "./progress.mjs";
import { IS_CHECKOUT, ROOT, ScriptError } from "./project.mjs";

/** Installs the packages of the lock file unless they are there already. */
export async function ensureInstalled() {
  if (!IS_CHECKOUT || isInstalled()) return;
  await progress("Installing packages (once)", npmCi());
}

/** Whether node_modules holds what package-lock.json asks for. Packages for other platforms don't count. */
function isInstalled() {
  const installed = join(ROOT, "node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const wanted = packagesOf(join(ROOT, "package-lock.json"));
  const present = packagesOf(installed);
  return Object.entries(wanted).every(([path, { version, optional }]) =>
    path === "" || optional || present[path]?.version === version
  );
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, "utf8")).packages;
}

async function npmCi() {
  const npm = spawn("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  /** @type {string[]} */
  const output = [];
  npm.stdout.on("data", (chunk) => output.push(String(chunk)));
  npm.stderr.on("data", (chunk) => output.push(String(chunk)));
  const [code] = await once(npm, "exit");
  if (code === 0) return;
  throw new ScriptError(
    `${
      output.join("")
    }\nThe packages could not be installed. Check that npm reaches its registry, then run the command again.`,
  );
}
