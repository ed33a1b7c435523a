import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill();
});

export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts a program that does not outlive this one. */
export function start(command: string, args: string[], options: SpawnOptions = {}): ChildProcess {
  const child = spawn(command, args, options);
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/** Runs a program to its end. Rejects if it can't be started. */
export async function run(
  command: string,
  args: string[],
  { stdin = "", ...options }: { cwd?: string; env?: Record<string, string>; stdin?: string } = {},
): Promise<Run> {
  const child = start(command, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
  if (!child.stdin || !child.stdout || !child.stderr) throw new Error(`${command} could not be started`);
  child.stdin.on("error", () => undefined); // a program that fails early does not read to the end; its exit code shows it
  child.stdin.end(stdin);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}
