/** `npm run heddle -- <command>`: with --json stdout is JSON alone; errors are one sentence on stderr. */
import process from "node:process";
import { text } from "node:stream/consumers";
import { run } from "./run.ts";

Deno.exit(
  await run(Deno.args, {
    env: process.env,
    readInput() {
      if (process.stdin.isTTY) console.error("Type it, then press Enter and Ctrl-D:");
      return text(process.stdin);
    },
    print: (text) => console.log(text),
    notice: (text) => console.error(text),
  }),
);
