import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { runCommand } from "./project.mjs";

const GRACE_MS = 8000;
const POLL_MS = 50;

/**
 * Runs a command's main function as `runCommand` does. On Ctrl-C, or a supervisor's signal, every process below this one ends
 * before it does, those in groups of their own too.
 * @param {() => Promise<number>} main resolves to the exit code
 */
export async function runWithChildren(main) {
  /** @type {Promise<void> | undefined} */
  let ending;
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => {
      ending ??= endChildren().then(() => process.exit(128 + constants.signals[signal]));
    });
  }
  await runCommand(async () => {
    try {
      return await main();
    } finally {
      await ending; // what its children's end makes of `main` is no result
    }
  });
}

async function endChildren() {
  // Found before the first one ends: whose parent has ended is nobody's child here.
  const pids = new Set(descendants());
  signalAll(pids, "SIGTERM");
  const until = performance.now() + GRACE_MS;
  while (performance.now() < until && [...pids].some(isRunning)) {
    await delay(POLL_MS);
    const started = descendants().filter((pid) => !pids.has(pid));
    signalAll(started, "SIGTERM");
    for (const pid of started) pids.add(pid);
  }
  signalAll([...pids].filter(isRunning), "SIGKILL");
}

/** @param {Iterable<number>} pids @param {NodeJS.Signals} signal */
function signalAll(pids, signal) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      // It has ended, or is another user's: Postgres that root has started, which ends with its parent.
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code !== "ESRCH" && code !== "EPERM") throw error;
    }
  }
}

/** Ids of the processes below this one, at any depth. */
function descendants() {
  const processes = listProcesses();
  /** @type {number[]} */
  const found = [];
  for (let level = [process.pid]; level.length > 0;) {
    level = processes.filter(({ parent }) => level.includes(parent)).map(({ pid }) => pid);
    found.push(...level);
  }
  return found;
}

/** @param {number} pid */
function isRunning(pid) {
  return listProcesses().some((each) => each.pid === pid && each.state !== "Z");
}

/** @returns {{ pid: number, parent: number, state: string }[]} */
function listProcesses() {
  if (process.platform !== "linux") {
    const { stdout = "" } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,state="], { encoding: "utf8" });
    return stdout.trim().split("\n").map((line) => {
      const [pid, parent, state = ""] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state: state.slice(0, 1) };
    });
  }
  return readdirSync("/proc").map(Number).filter((pid) => pid > 0).flatMap((pid) => {
    try {
      // The name before them may hold anything but ends with the last bracket (proc(5)).
      const [state = "", parent] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ??
        [];
      return { pid, parent: Number(parent), state };
    } catch {
      return []; // it has ended meanwhile
    }
  });
}
