/**
 * Runs `heddle` commands without a process for each: a line of standard input is a call, a line of standard output its
 * outcome. It ends when standard input does. `deno run -A tests/integration/cli/host.ts`
 */
import process from "node:process";
import { createInterface } from "node:readline";
import type { Terminal } from "../../../cli/command.ts";
import type { Call, Run } from "./run.ts";

const PROGRAM = new URL("../../../cli/run.ts", import.meta.url).href;
const { run }: { run(words: string[], terminal: Terminal): Promise<number> } = await import(PROGRAM);

for await (const line of createInterface({ input: process.stdin })) void answer(JSON.parse(line));

async function answer({ id, words, env, stdin }: Call): Promise<void> {
  const printed = { stdout: "", stderr: "" };
  const code = await run(words, {
    env,
    readInput: () => Promise.resolve(stdin),
    print: (text) => printed.stdout += `${text}\n`,
    notice: (text) => {
      // Whether a step is announced depends on how busy the machine is.
      if (!text.startsWith("  … ")) printed.stderr += `${text}\n`;
    },
  });
  const outcome: Run = { code, ...printed };
  process.stdout.write(`${JSON.stringify({ id, outcome })}\n`);
}
