import { runDenoProgram } from "./deno.mjs";

/** `npm run describe`: writes docs/openapi.json and docs/asyncapi.json anew from the schemas of shared. */
runDenoProgram("scripts/describe/main.ts");
