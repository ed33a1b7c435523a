import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { completePackage, copyPackage } from "./binaries.ts";
import { requireUnserved } from "./postmaster.ts";

/** `nobody`: Postgres refuses to run as root. */
const UNPRIVILEGED = 65534;
const AS_NOBODY = ["unshare", "-U", `--map-user=${UNPRIVILEGED}`, `--map-group=${UNPRIVILEGED}`];
/** Ends Postgres when the process that started it dies, however it dies (`prctl(2)`, PR_SET_PDEATHSIG). */
const UNTIL_PARENT_DIES = ["setpriv", "--pdeathsig", "INT"];

/** initdb names its programs to a shell, in double quotes. */
const SPECIAL_IN_SHELL = /["$`\\]/;

/** How Postgres is run on this machine and by this user. */
export interface Launcher {
  how: "own user" | "dropped privileges" | "user namespace" | "copied binaries";
  packageDir: string;
  dataDir: string;
  /** Commands that go before Postgres's own. */
  wrap: string[];
  ids: { uid?: number; gid?: number };
  /** Who must own the data, as seen from outside of a user namespace. */
  owner: number | null;
}

export interface LauncherChoice {
  packageDir: string;
  dataDir: string;
  /** Whether a user namespace may be used; tests say no. */
  userNamespace?: boolean;
}

/** Chooses how to run Postgres. Root has to switch to another user, who may be unable to read the files in place. */
export function chooseLauncher({ packageDir, dataDir, userNamespace = true }: LauncherChoice): Launcher {
  const dieWithParent = works([...UNTIL_PARENT_DIES, "true"]) ? UNTIL_PARENT_DIES : [];
  const usable = completeOrCopy(packageDir);
  if (process.getuid?.() !== 0) {
    const shared = { packageDir: usable, dataDir, ids: {}, owner: null };
    if (hasName() || !works([...AS_NOBODY, "true"])) {
      return { ...shared, how: "own user", wrap: dieWithParent };
    }
    return { ...shared, how: "user namespace", wrap: [...AS_NOBODY, ...dieWithParent] };
  }
  const dropped = { uid: UNPRIVILEGED, gid: UNPRIVILEGED };
  if (isReachable(usable) && isReachable(path.dirname(dataDir))) {
    return {
      how: "dropped privileges",
      packageDir: usable,
      dataDir,
      wrap: dieWithParent,
      ids: dropped,
      owner: UNPRIVILEGED,
    };
  }
  if (userNamespace && works([...AS_NOBODY, "true"])) {
    const wrap = [...AS_NOBODY, ...dieWithParent];
    return { how: "user namespace", packageDir: usable, dataDir, wrap, ids: {}, owner: 0 };
  }
  return {
    how: "copied binaries",
    packageDir: isReachable(usable) ? usable : copyPackage(usable),
    dataDir: isReachable(path.dirname(dataDir)) ? dataDir : moveOut(dataDir),
    wrap: dieWithParent,
    ids: dropped,
    owner: UNPRIVILEGED,
  };
}

/** A node_modules that is read-only, or another user's, can't be completed in place, and initdb can't be run in some folders. */
function completeOrCopy(packageDir: string): string {
  if (SPECIAL_IN_SHELL.test(packageDir)) return copyPackage(packageDir);
  try {
    completePackage(packageDir);
    return packageDir;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM" && code !== "EROFS") throw error;
    return copyPackage(packageDir);
  }
}

/** initdb refuses a user without an entry in the user database, as containers run with a bare number have. */
function hasName(): boolean {
  return spawnSync("id", ["-un"], { stdio: "ignore" }).status === 0;
}

function works([command = "", ...args]: string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** Whether any user can enter a folder: it, if it exists, and all its parents are executable for others. */
function isReachable(dir: string): boolean {
  for (let at = path.resolve(dir);; at = path.dirname(at)) {
    if (fs.existsSync(at) && (fs.statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** Keeps the data in /var/tmp, which survives a reboot, and links to it from `dataDir`. Without that link new data is created. */
function moveOut(dataDir: string): string {
  const place = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  const outside = `/var/tmp/heddle-postgres-${place}`;
  if (fs.lstatSync(dataDir, { throwIfNoEntry: false })?.isSymbolicLink()) return fs.readlinkSync(dataDir);
  requireUnserved(outside);
  fs.rmSync(outside, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(dataDir), { recursive: true });
  fs.symlinkSync(outside, dataDir);
  return outside;
}
