import { fileURLToPath } from "node:url";
import { join } from "node:path";

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Where a running Heddle keeps its data, log and status unless told otherwise. */
export const DEFAULT_DATA_DIR = join(ROOT, ".heddle");

/** @param {string} dataDir */
export const statusFile = (dataDir) => join(dataDir, "status.json");

const ANSWER_MS = 1000;

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

/** An error whose message is all that the reader of a terminal needs: it says what to do next. */
export class PlainError extends Error {}

/**
 * Runs a command's main function; prints a plain error as its sentence, anything else with its stack.
 * @param {() => Promise<number | void>} main resolves to the exit code; `undefined` lets the process live on
 */
export async function runCommand(main) {
  try {
    const code = await main();
    if (typeof code === "number") process.exit(code);
  } catch (error) {
    console.error(error instanceof PlainError ? `\n${error.message}` : error);
    process.exit(1);
  }
}
