import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { join } from "node:path";
import { ensureInstalled } from "./install.mjs";
import { ROOT, runCommand } from "./project.mjs";

/** Path of the Deno binary from npm. The binary itself, not npm's wrapper: a signal to the wrapper orphans Deno. */
export function denoPath() {
  return createRequire(import.meta.url)("deno/install_api.cjs").runInstall();
}

/**
 * Hands over to a program of the project that runs under Deno, with this command's arguments, and ends with its exit code.
 * @param {string} path from the project's folder
 */
export function runDenoProgram(path) {
  return runCommand(async () => {
    await ensureInstalled();
    const child = spawn(denoPath(), ["run", "-A", "--quiet", join(ROOT, path), ...process.argv.slice(2)], {
      cwd: ROOT,
      stdio: "inherit",
    });
    // Ctrl-C reaches both; the program ends first, and this process with its exit code.
    for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
      process.on(signal, () => child.kill(signal));
    }
    const [code, signal] = await once(child, "exit");
    return code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
  });
}
