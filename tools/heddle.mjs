import { runDenoProgram } from "./deno_program.mjs";

/** `npm run heddle -- <command>`. */
runDenoProgram("tools/heddle/main.ts");
