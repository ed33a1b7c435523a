import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";

/** Environment variable that tells which process started a server. */
export const STARTED_BY = "HEDDLE_POSTGRES_STARTED_BY";

/**
 * Whether the process named in `postmaster.pid` serves this folder. After a crash another program may have got
 * its number; Postgres would then refuse to start.
 */
export function isServed(dataDir: string): boolean {
  const pid = readPid(dataDir);
  if (pid === null) return false;
  if (process.platform !== "linux") return isRunning(pid);
  try {
    // A postmaster's working directory is its data directory.
    return fs.realpathSync(`/proc/${pid}/cwd`) === fs.realpathSync(dataDir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== "ENOENT" && code !== "ESRCH";
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Throws if a server serves this folder. */
export function requireUnserved(dataDir: string): void {
  if (isServed(dataDir)) {
    throw new Error(
      `Another Postgres (process ${readPid(dataDir)}) already serves ${dataDir}: stop it first`,
    );
  }
}

/**
 * Whether a server outlived the process that started it. With `setpriv` it ends by itself in that case, elsewhere (macOS) it
 * keeps running.
 */
function isOrphaned(pid: number): boolean {
  if (process.platform !== "linux") {
    return spawnSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" }).stdout?.trim() === "1";
  }
  try {
    // The name before it may hold anything but ends with the last bracket (proc(5)).
    const [, parent] = fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    const starter = fs.readFileSync(`/proc/${pid}/environ`, "utf8").split("\0")
      .find((entry) => entry.startsWith(`${STARTED_BY}=`))?.slice(STARTED_BY.length + 1);
    return parent !== (starter ?? parent) || parent === "1";
  } catch {
    return false; // it has ended in the meantime, or belongs to another user
  }
}

/** Asks an orphaned server to end, as nobody else will. */
export function endIfOrphaned(pid: number): boolean {
  if (!isOrphaned(pid)) return false;
  try {
    process.kill(pid, "SIGINT");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
  return true;
}

export function removeStalePid(dataDir: string): void {
  fs.rmSync(path.join(dataDir, "postmaster.pid"), { force: true });
}

/** The process id that the folder's lock file names, `null` without a lock file. */
export function readPid(dataDir: string): number | null {
  const file = path.join(dataDir, "postmaster.pid");
  if (!fs.existsSync(file)) return null;
  return Number(fs.readFileSync(file, "utf8").split("\n", 1)[0]) || null;
}
