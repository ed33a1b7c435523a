import { readFileSync } from "node:fs";

/**
 * Whether the npm that has started this process still runs, as a function to ask again and again: npm hands SIGINT and SIGTERM on,
 * but can't tell that it was killed. `null` if neither `npm start` nor `npx heddle start` has.
 * @returns {(() => boolean) | null}
 */
export function npmAbove() {
  const { npm_lifecycle_event: event = "" } = process.env;
  if (!["start", "npx"].includes(event)) return null;
  const parent = process.ppid;
  // npx may leave a shell between, which outlives it.
  const above = event === "npx" && isShell(parent) ? parentOf(parent) : null;
  return () => process.ppid === parent && (above === null || parentOf(parent) === above);
}

/** @param {number} pid */
function isShell(pid) {
  return /^(?:ba|da|z)?sh$/.test(factsOf(pid)?.name ?? "");
}

/** @param {number} pid */
function parentOf(pid) {
  return factsOf(pid)?.parent ?? null;
}

/**
 * Only where processes are files: elsewhere the shell alone counts.
 * @param {number} pid
 * @returns {{ name: string, parent: number } | null}
 */
function factsOf(pid) {
  try {
    // The name may hold anything but ends with the last bracket (proc(5)).
    const [, name = "", parent] = /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
    return { name, parent: Number(parent) };
  } catch {
    return null;
  }
}
