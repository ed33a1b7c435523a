import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ensureInstalled } from "./install.mjs";
import { ROOT, runCommand } from "./project.mjs";

/** `npm run heddle -- <command>`: hands over to the command itself, which runs under Deno. */
runCommand(async () => {
  await ensureInstalled();
  const { denoPath } = await import("./deno.mjs");
  const program = join(ROOT, "tools/heddle/main.ts");
  const child = spawn(denoPath(), ["run", "-A", "--quiet", program, ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: "inherit",
  });
  // Ctrl-C reaches both; the command ends first, and this process with its exit code.
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    process.on(signal, () => child.kill(signal));
  }
  const [code] = await once(child, "exit");
  return code ?? 1;
});
