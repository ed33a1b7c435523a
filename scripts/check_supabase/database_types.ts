import process from "node:process";
import { fileURLToPath } from "node:url";
import type { SupabaseCli } from "./cli.ts";
import { wordsOf } from "./cli.ts";
import { remote } from "./checks/remote.ts";
import { Failure } from "./failure.ts";
import { run } from "./run.ts";

/** Where the committed types are, from the project's folder. */
export const TYPES_FILE = "supabase/functions/_shared/database/database_types.ts";

/** The one schema that is called from outside the database. */
const SCHEMA = "heddle_api";
const HEADER = `// Made by the Supabase CLI from the migrations: npm run check:supabase -- --write-types\n\n`;
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What the file with the committed types must hold for this database. Throws a `Failure` with the CLI's words. */
export async function generatedTypes(cli: SupabaseCli, databaseUrl: string): Promise<string> {
  const { code, stdout, stderr } = await cli.run(["gen", "types", "--schema", SCHEMA, remote(databaseUrl)]);
  if (code !== 0) throw new Failure(wordsOf(stderr.split("\n")));
  return await formatted(HEADER + stdout);
}

/** As `deno fmt` leaves it in this project. */
async function formatted(source: string): Promise<string> {
  const { code, stdout, stderr } = await run(process.execPath, ["fmt", "--ext=ts", "-"], {
    cwd: ROOT,
    stdin: source,
  });
  if (code !== 0) throw new Failure(`The generated types are no TypeScript:\n${stderr}`);
  return stdout;
}
