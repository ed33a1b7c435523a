/**
 * Runs a Deno program until standard input ends, then stops it as SIGTERM would: what starts it holds the other end, so the
 * program never outlives it. `deno run -A scripts/tethered.ts <program>`
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [program = ""] = Deno.args;
await import(pathToFileURL(resolve(program)).href);
for await (const _ of Deno.stdin.readable) { /* only its end matters */ }
Deno.kill(Deno.pid, "SIGTERM");
