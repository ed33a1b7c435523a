import { runDenoProgram } from "./deno.mjs";

/** `npm run check:supabase`: what the real Supabase CLI says of migrations, types and functions. */
runDenoProgram("scripts/check_supabase/main.ts");
