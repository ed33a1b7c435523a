import { openSync, rmSync, writeSync } from "node:fs";

/**
 * Begins a log that only this user may read. Returns what writes a line to it. Where that can't be done, as on a full disk, it
 * says so once and goes on with the next line that can be written.
 * @param {string} file
 * @param {(problem: string) => void} say
 * @returns {(line: string) => void}
 */
export function createLog(file, say) {
  rmSync(file, { force: true }); // a mode is given to new files alone
  return lineWriter(openSync(file, "w", 0o600), (cause) => say(`No log is written to ${file}: ${cause}.`));
}

/**
 * @param {number} descriptor
 * @param {(cause: string) => void} onProblem called once for each time that it begins
 */
export function lineWriter(descriptor, onProblem) {
  let isWritable = true;
  return (/** @type {string} */ line) => {
    try {
      writeSync(descriptor, `${line}\n`);
      isWritable = true;
    } catch (error) {
      if (isWritable) onProblem(error instanceof Error ? error.message : String(error));
      isWritable = false;
    }
  };
}
