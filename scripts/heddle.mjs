import { runDenoProgram } from "./deno.mjs";

/** `npm run heddle -- <command>`. */
runDenoProgram("cli/main.ts");
