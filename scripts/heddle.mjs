import { runDenoProgram } from "./deno_program.mjs";

/** `npm run heddle -- <command>`. */
runDenoProgram("cli/main.ts");
