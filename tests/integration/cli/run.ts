import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { denoPath } from "../../../scripts/deno.mjs";

const PROGRAM = fileURLToPath(new URL("../../../scripts/heddle.mjs", import.meta.url));
const HOST = fileURLToPath(new URL("./host.ts", import.meta.url));

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

interface Surroundings {
  env?: Record<string, string>;
  stdin?: string;
}

/** What the host is told on a line. */
export interface Call extends Required<Surroundings> {
  id: number;
  words: string[];
}

/** Runs `heddle` as a person does, in processes of its own. */
export function heddleProcess(words: string[], { env, stdin }: Surroundings = {}): Promise<Run> {
  return runProgram(process.execPath, [PROGRAM, ...words], { env, stdin });
}

/** Runs a program to its end. */
export async function runProgram(
  program: string,
  words: string[],
  { env = {}, stdin = "", cwd }: Surroundings & { cwd?: string } = {},
): Promise<Run> {
  const child = spawn(program, words, {
    cwd,
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

let host: ChildProcess | undefined;
let calls = 0;
const waiting = new Map<number, (outcome: Run) => void>();

/** Runs `heddle` within one process that all calls of a test file share; nothing is named but by `words` and `env`. */
export function heddle(words: string[], { env = {}, stdin = "" }: Surroundings = {}): Promise<Run> {
  host ??= startHost();
  const call: Call = { id: ++calls, words, env, stdin };
  host.stdin?.write(`${JSON.stringify(call)}\n`);
  return new Promise((resolve) => waiting.set(call.id, resolve));
}

/** The same with `--json`; throws with the error's sentence if the command failed. */
export async function heddleJson<T>(words: string[], env: Record<string, string>): Promise<T> {
  const { code, stdout, stderr } = await heddle([...words, "--json"], { env });
  if (code !== 0) throw new Error(`heddle ${words.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

function startHost(): ChildProcess {
  // It ends with this process: its standard input closes then.
  const child = spawn(denoPath(), ["run", "-A", "--quiet", HOST], { stdio: ["pipe", "pipe", "inherit"] });
  child.unref();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, outcome }: { id: number; outcome: Run } = JSON.parse(line);
    waiting.get(id)?.(outcome);
    waiting.delete(id);
  });
  child.on("exit", (code) => {
    for (const resolve of waiting.values()) {
      resolve({ code: code ?? 1, stdout: "", stderr: "the host has ended" });
    }
  });
  return child;
}
