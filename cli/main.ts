/** `heddle <command>`: with --json stdout is JSON alone; errors are one sentence on stderr. */
import process from "node:process";
import { text } from "node:stream/consumers";
import type { Terminal } from "./command.ts";
import { isLocalCommand, localProgram } from "./installation/local_package.ts";
import { reported, run } from "./run.ts";

const args = process.argv.slice(2);
const terminal: Terminal = {
  env: process.env,
  readInput() {
    if (process.stdin.isTTY) console.error("Type it, then press Enter and Ctrl-D:");
    return text(process.stdin);
  },
  print: (text) => console.log(text),
  notice: (text) => console.error(text),
};

if (isLocalCommand(args)) {
  const code = await reported(args, terminal, async () => {
    const program = localProgram(args);
    // It reads the rest, and lives as long as it likes.
    process.argv.splice(2, 1);
    await import(program);
    return 0;
  });
  if (code !== 0) process.exit(code);
} else {
  process.exit(await run(args, terminal));
}
