import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { executable } from "./binaries.ts";
import type { Launcher } from "./launcher.ts";
import { SUPERUSER } from "./superuser.ts";

/** Environment variable that tells which process started a server. */
export const STARTED_BY = "HEDDLE_POSTGRES_STARTED_BY";

/** Creates the cluster if there is none yet; an interrupted attempt leaves nothing that looks like one. */
export function ensureCluster(launcher: Launcher): void {
  const { dataDir, owner } = launcher;
  if (fs.existsSync(path.join(dataDir, "PG_VERSION"))) {
    if (owner !== null && fs.statSync(dataDir).uid !== owner) giveTo(owner, dataDir);
    return;
  }
  const unfinished = `${dataDir}.new`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  if (owner !== null) fs.chownSync(unfinished, owner, owner);
  initialise(launcher, unfinished);
  fs.rmSync(dataDir, { recursive: true, force: true });
  fs.renameSync(unfinished, dataDir);
}

function initialise({ packageDir, wrap, ids }: Launcher, dir: string): void {
  const [command = "", ...args] = [
    ...wrap,
    executable(packageDir, "initdb"),
    ...["--pgdata", dir, "--username", SUPERUSER, "--auth", "reject", "--encoding", "UTF8"],
    // Case and sorting as hosted handles them, whatever locales this machine has.
    ...["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"],
    ...["--no-sync", "--no-instructions"],
  ];
  const { status, stderr, error } = spawnSync(command, args, { ...ids, cwd: "/", encoding: "utf8" });
  if (status !== 0) throw new Error(`Postgres could not create its data folder: ${stderr || error?.message}`);
}

/** Changes the owner: how Postgres is run has changed, for example because the checkout was moved. */
function giveTo(owner: number, dir: string): void {
  fs.lchownSync(dir, owner, owner);
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) giveTo(owner, file);
    else fs.lchownSync(file, owner, owner);
  }
}

/**
 * Whether the process named in `postmaster.pid` serves this folder. After a crash another program may have got
 * its number; Postgres would then refuse to start.
 */
export function isServed(dataDir: string): boolean {
  const pid = readPid(dataDir);
  if (pid === null) return false;
  if (process.platform !== "linux") return true;
  try {
    // A postmaster's working directory is its data directory.
    return fs.realpathSync(`/proc/${pid}/cwd`) === fs.realpathSync(dataDir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== "ENOENT" && code !== "ESRCH";
  }
}

/**
 * Whether a server outlived the process that started it. With `setpriv` it ends by itself in that case, elsewhere (macOS) it
 * keeps running.
 */
export function isOrphaned(pid: number): boolean {
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

export function removeStalePid(dataDir: string): void {
  fs.rmSync(path.join(dataDir, "postmaster.pid"), { force: true });
}

/** The process id that the folder's lock file names, `null` without a lock file. */
export function readPid(dataDir: string): number | null {
  const file = path.join(dataDir, "postmaster.pid");
  if (!fs.existsSync(file)) return null;
  return Number(fs.readFileSync(file, "utf8").split("\n", 1)[0]) || null;
}
