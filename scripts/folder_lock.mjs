import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ScriptError } from "./project.mjs";

/**
 * Takes a folder for this process until it ends, and makes the folder if there is none. Returns `null`, or the id of the process
 * that has it. The lock of a process that was killed counts for nothing, even if another has its number by now. Throws a
 * `ScriptError` if nothing can be written there.
 * @param {string} folder
 * @returns {number | null}
 */
export function lockFolder(folder) {
  const file = join(folder, "start.lock");
  const own = `${file}.${process.pid}`;
  const content = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) });
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(own, content, { mode: 0o644 });
  } catch (error) {
    throw new ScriptError(`The data folder ${folder} can't be used: ${messageOf(error)}`);
  }
  try {
    const holder = take(file, own);
    if (holder === null) process.once("exit", () => readIfThere(file) === content && rmSync(file));
    return holder;
  } finally {
    rmSync(own);
  }
}

/**
 * Links `own` as `file`, which only one process can do, and which never shows a file in part. Who removes a lock that counts for
 * nothing holds a lock on that, and looks again first: the file may be another's by then.
 * @param {string} file
 * @param {string} own
 * @returns {number | null} the process that holds it
 */
function take(file, own) {
  for (;;) {
    if (linked(own, file)) return null;
    const found = readIfThere(file);
    if (found === null) continue;
    const holder = holderOf(found) ?? take(`${file}.takeover`, own);
    if (holder !== null) return holder;
    try {
      if (readIfThere(file) === found) rmSync(file);
    } finally {
      rmSync(`${file}.takeover`);
    }
  }
}

/**
 * @param {string} own
 * @param {string} file
 */
function linked(own, file) {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw new ScriptError(`The data folder can't be locked: ${messageOf(error)}`);
  }
}

/**
 * The process that a lock names; `null` if it has ended.
 * @param {string} lock
 * @returns {number | null}
 */
function holderOf(lock) {
  try {
    const { pid, startedAt } = JSON.parse(lock);
    return startOf(pid) === startedAt ? pid : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null; // no lock of ours, or none that was written whole
    throw error;
  }
}

/**
 * When a process began, which tells it from a later one with the same number; `null` if it does not run.
 * @param {number} pid
 * @returns {string | null}
 */
function startOf(pid) {
  if (process.platform !== "linux") {
    const { stdout } = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
    return stdout.trim() || null;
  }
  const stat = readIfThere(`/proc/${pid}/stat`);
  // Behind the name, which may hold anything but ends with the last bracket: state, …, start time as field 22 (proc(5)).
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(") ") + 2).split(" ") ?? [];
  // A zombie has ended, only nobody has taken note: usual in a container without an init process.
  return state === undefined || state === "Z" ? null : fields[18] ?? null;
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ESRCH") return null;
    throw error;
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {NodeJS.ErrnoException} */ (error).code;
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
