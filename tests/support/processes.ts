import { readdirSync, readFileSync } from "node:fs";

/** Ids of the processes whose command line holds every one of `words`. */
export function processesWith(...words: string[]): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => words.every((word) => commandLine(pid).includes(word)));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return ""; // it has ended meanwhile
  }
}
