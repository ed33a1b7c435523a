import { readdirSync, readFileSync } from "node:fs";

/** Ids of the processes whose command line holds every one of `words`. */
export function processesWith(...words: string[]): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => words.every((word) => commandLine(pid).includes(word)));
}

/** Ids of the children of a process whose command line holds every one of `words`. */
export function childrenOf(parent: number, ...words: string[]): number[] {
  return processesWith(...words).filter((pid) => parentOf(pid) === parent);
}

/** Ids of the processes below one, at any depth, whose command line holds every one of `words`. */
export function descendantsOf(ancestor: number, ...words: string[]): number[] {
  const isBelow = (pid: number): boolean => {
    const parent = parentOf(pid);
    return parent === ancestor || (parent > 1 && isBelow(parent));
  };
  return processesWith(...words).filter(isBelow);
}

/** Whether a process runs: one that has ended and whose parent has not taken note of it does not. */
export function isRunning(pid: number): boolean {
  return !["", "Z"].includes(statusOf(pid)[0] ?? "");
}

function parentOf(pid: number): number {
  return Number(statusOf(pid)[1] ?? 0);
}

/** Its state, its parent, and what follows; empty once it has ended. */
function statusOf(pid: number): string[] {
  try {
    // The name before them may hold anything but ends with the last bracket (proc(5)).
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  } catch {
    return [];
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return ""; // it has ended meanwhile
  }
}
