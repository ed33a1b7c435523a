import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import process from "node:process";

export interface Run {
  ok: boolean;
  /** Standard output, trimmed; where it failed with what it said on both streams. */
  output: string;
}

/** Runs a program to its end. */
export async function run(
  [command = "", ...words]: string[],
  { env = {}, cwd, input = "" }: { env?: Record<string, string>; cwd?: string; input?: Uint8Array | string } =
    {},
): Promise<Run> {
  const child = spawn(command, words, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => undefined); // a program may end before it has read everything
  child.stdin.end(input);
  const [out, err, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return status === 0 ? { ok: true, output: out.trim() } : { ok: false, output: (out + err).trim() };
}
