import { type ChildProcess, spawn } from "node:child_process";

/** Waits for the end of its standard input, which this process holds, then ends the group that it is given. */
const GUARD = 'read -r _; kill -s TERM -- "-$1" 2>/dev/null';

/**
 * Ends a process should this one end before it, however that happens. `child` leads a group of its own (`detached`), all of which
 * ends: for programs that do not end with their standard input.
 */
export function tether(child: ChildProcess): void {
  const guard = spawn("sh", ["-c", GUARD, "sh", String(child.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true, // who ends this process's group must not end the guard first
  });
  child.once("exit", () => guard.kill("SIGKILL"));
  guard.unref();
}
