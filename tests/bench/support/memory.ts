import { readdirSync, readFileSync } from "node:fs";

const KIB = 1024;

export interface Process {
  pid: number;
  command: string;
  /** Bytes in memory that are its own, and its share of those that it has in common with others. */
  bytes: number;
}

/** A process and all that it started, the children's children too. Linux only. */
export function processTree(root: number): Process[] {
  const parents = new Map<number, number>();
  for (const pid of readdirSync("/proc").map(Number).filter(Number.isInteger)) {
    const stat = read(`/proc/${pid}/stat`);
    // `pid (name) state ppid`; a name may hold anything.
    if (stat) parents.set(pid, Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
  }
  const isBelow = (pid: number): boolean => pid === root || (pid > 1 && isBelow(parents.get(pid) ?? 0));
  return [...parents.keys()].filter(isBelow).flatMap((pid) => {
    const command = read(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ");
    const bytes = residentBytes(pid);
    return command && bytes ? [{ pid, command, bytes }] : [];
  });
}

/** Proportional set size: pages that several processes share would count several times as RSS. */
function residentBytes(pid: number): number | null {
  const rollup = read(`/proc/${pid}/smaps_rollup`);
  const [, kib] = /^Pss:\s+(\d+) kB$/m.exec(rollup ?? "") ?? [];
  return kib === undefined ? null : Number(kib) * KIB;
}

/** `null` if the process has ended meanwhile. */
function read(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return null;
    throw error;
  }
}
