import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../../tools/heddle.mjs", import.meta.url));

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs `heddle` as a person does; nothing is named but by `words` and `env`. */
export async function heddle(
  words: string[],
  { env = {}, stdin = "" }: { env?: Record<string, string>; stdin?: string } = {},
): Promise<Run> {
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(stdin);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}

/** The same with `--json`; throws with the error's sentence if the command failed. */
export async function heddleJson<T>(words: string[], env: Record<string, string>): Promise<T> {
  const { code, stdout, stderr } = await heddle([...words, "--json"], { env });
  if (code !== 0) throw new Error(`heddle ${words.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}
