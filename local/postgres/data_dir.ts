import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { executable } from "./binaries.ts";
import type { Launcher } from "./launcher.ts";
import { endIfOrphaned, isServed, readPid, requireUnserved } from "./postmaster.ts";
import { PASSWORD_FILE, SUPERUSER } from "./superuser.ts";

/** Marks a folder as Heddle's own before anything else is in it: Heddle removes no folder without it. */
const MARKER = "heddle_data";
const ABOUT_MARKER = "Heddle made this folder, and removes it when it begins anew.\n";
/** How long a server whose start was killed may take to end. */
const SERVED_WAIT_MS = 10_000;
const SERVED_RETRY_MS = 100;

/**
 * Creates the cluster if there is none yet; an interrupted attempt leaves nothing that looks like one. Throws if the folder, or the
 * one in which the cluster is prepared, holds anything that Heddle did not put there.
 */
export function ensureCluster(launcher: Launcher): void {
  const { owner } = launcher;
  const dataDir = realPath(launcher.dataDir);
  requireOwn(dataDir);
  if (fs.existsSync(path.join(dataDir, "PG_VERSION"))) {
    if (owner !== null && fs.statSync(dataDir).uid !== owner) giveTo(owner, dataDir);
    return;
  }
  const unfinished = `${dataDir}.new`;
  requireOwn(unfinished);
  requireUnserved(dataDir);
  fs.rmSync(unfinished, { recursive: true, force: true });
  const cluster = path.join(unfinished, "cluster");
  begin(unfinished, owner);
  fs.mkdirSync(cluster, { mode: 0o700 });
  if (owner !== null) fs.chownSync(cluster, owner, owner);
  initialise(launcher, cluster);
  mark(cluster, owner);
  fs.rmSync(dataDir, { recursive: true, force: true });
  fs.renameSync(cluster, dataDir);
  fs.rmSync(unfinished, { recursive: true });
}

/**
 * Removes a cluster for a new one. A server whose start was killed has `waitMs` milliseconds to end. Throws if it serves on, or if
 * Heddle did not make the cluster.
 */
export async function removeCluster(given: string, waitMs = SERVED_WAIT_MS): Promise<void> {
  const dataDir = realPath(path.resolve(given));
  requireOwn(dataDir);
  const giveUpAt = performance.now() + waitMs;
  while (isServed(dataDir) && performance.now() < giveUpAt) {
    const pid = readPid(dataDir);
    if (pid !== null) endIfOrphaned(pid);
    await delay(SERVED_RETRY_MS);
  }
  requireUnserved(dataDir);
  fs.rmSync(dataDir, { recursive: true, force: true });
}

/** Where a link leads, whether there is anything or not. */
function realPath(dir: string): string {
  const stats = fs.lstatSync(dir, { throwIfNoEntry: false });
  return stats?.isSymbolicLink() ? path.resolve(path.dirname(dir), fs.readlinkSync(dir)) : dir;
}

/** Throws unless a folder is missing, empty or Heddle's own: a cluster with a password of ours is, and what was marked. */
function requireOwn(dir: string): void {
  const stats = fs.statSync(dir, { throwIfNoEntry: false });
  if (!stats) return;
  if (!stats.isDirectory()) throw new Error(`${dir} is not a folder: choose another data folder`);
  const names = fs.readdirSync(dir);
  if (names.length === 0 || names.includes(MARKER) || names.includes(PASSWORD_FILE)) return;
  throw new Error(
    `${dir} holds files that Heddle did not put there, such as ${
      names[0]
    }: choose another data folder, or move them away`,
  );
}

function begin(dir: string, owner: number | null): void {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  mark(dir, owner);
  if (owner !== null) fs.chownSync(dir, owner, owner);
}

function mark(dir: string, owner: number | null): void {
  const file = path.join(dir, MARKER);
  fs.writeFileSync(file, ABOUT_MARKER);
  if (owner !== null) fs.chownSync(file, owner, owner);
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
