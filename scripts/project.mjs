import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { asInstalled, inDataDir } from "../shared/printed_command.mjs";

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The package heddle-local has these scripts too, as one that builds nothing: under another name. */
export const IS_CHECKOUT = import.meta.url.endsWith(".mjs");

/**
 * The file of a program that Deno runs, from the project's folder.
 * @param {string} name
 */
export function denoProgram(name) {
  return `${name}.${IS_CHECKOUT ? "ts" : "js"}`;
}

/** Where a running Heddle keeps its data, log and status by default. */
export const DEFAULT_DATA_DIR = IS_CHECKOUT ? join(ROOT, ".heddle") : resolve(".heddle");

/** The option that chooses another, for `parseArgs`. */
export const DATA_DIR_OPTION = /** @type {const} */ ({
  "data-dir": { type: "string", default: DEFAULT_DATA_DIR },
});

/**
 * The absolute path of the folder that `--data-dir` names. Throws a `ScriptError` without one.
 * @param {string} text
 */
export function folderOf(text) {
  if (text.trim() !== "") return resolve(text);
  throw new ScriptError("--data-dir names no folder.");
}

/**
 * A text whose commands are those that are there.
 * @param {string} text
 */
export function withCommands(text) {
  return IS_CHECKOUT ? text : asInstalled(text);
}

/**
 * A text whose commands mean the same data folder; as it is for the default one.
 * @param {string} text
 * @param {string} dataDir
 */
export function forDataDir(text, dataDir) {
  const called = withCommands(text);
  return dataDir === DEFAULT_DATA_DIR ? called : inDataDir(called, dataDir);
}

/**
 * Keeps a data folder, which has keys in it, out of what its owner commits.
 * @param {string} dataDir
 */
export function keepOutOfGit(dataDir) {
  writeFileSync(join(dataDir, ".gitignore"), "*\n");
}

/** @param {string} dataDir */
const statusFile = (dataDir) => join(dataDir, "status.json");

const NO_FILE = ["ENOENT", "ENOTDIR", "EISDIR"];

/**
 * What the Heddle that runs from a folder, or was killed there, says of itself; `null` if there is nothing to read.
 * @param {string} dataDir
 */
export function readStatus(dataDir) {
  try {
    const status = JSON.parse(readFileSync(statusFile(dataDir), "utf8"));
    return typeof status?.apiUrl === "string" && typeof status.pid === "number" ? status : null;
  } catch (error) {
    const { code = "" } = /** @type {NodeJS.ErrnoException} */ (error);
    if (error instanceof SyntaxError || NO_FILE.includes(code)) return null;
    throw error;
  }
}

/**
 * Readable by this user alone, and never in part.
 * @param {string} dataDir
 * @param {Record<string, unknown>} status
 */
export function writeStatus(dataDir, status) {
  const unfinished = `${statusFile(dataDir)}.new`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, JSON.stringify({ pid: process.pid, ...status }), { mode: 0o600 });
  renameSync(unfinished, statusFile(dataDir));
}

/**
 * Removes this process's status; another's stays.
 * @param {string} dataDir
 */
export function removeStatus(dataDir) {
  if (readStatus(dataDir)?.pid === process.pid) rmSync(statusFile(dataDir), { force: true });
}

const ANSWER_MS = 5000;

/**
 * Whether something answers at a local address.
 * @param {string} url
 */
export async function answers(url) {
  try {
    await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    return true;
  } catch {
    return false;
  }
}

/** The only error that scripts throw on purpose: its message says what is wrong and what to do next. */
export class ScriptError extends Error {}

/**
 * Runs a command's main function; prints the message of a `ScriptError`, anything else with its stack.
 * @param {() => Promise<number | void>} main resolves to the exit code; `undefined` lets the process live on
 */
export async function runCommand(main) {
  try {
    const code = await main();
    if (typeof code === "number") process.exit(code);
  } catch (error) {
    console.error(error instanceof ScriptError ? `\n${withCommands(error.message)}` : error);
    process.exit(1);
  }
}
