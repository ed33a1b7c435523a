import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { failed, OK } from "../../../cli/checks.ts";
import { CliError } from "../../../cli/errors.ts";
import { messageOfLines, remote, type SupabaseCli } from "../cli.ts";
import { run } from "../run.ts";
import type { Check } from "../subject.ts";

/** Where the committed types are, from the project's folder. */
export const TYPES_FILE = "supabase/functions/_shared/database/database_types.ts";

/** The one schema that is called from outside the database. */
const SCHEMA = "heddle_api";
const HEADER = `// Made by the Supabase CLI from the migrations: npm run check:supabase -- --write-types\n\n`;
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const SHOWN = 12;

export const types: Check = {
  id: "types",
  what: "gen types",
  title: `makes what ${TYPES_FILE} holds`,
  needs: ["migrations"],
  async run({ cli, databases, project }) {
    const generated = await generatedTypes(cli, databases.bare);
    const committed = await readFile(join(project, TYPES_FILE), "utf8");
    if (generated === committed) return OK;
    return failed(
      lineDifferences(committed, generated) || "The same lines stand in another order.",
      "Run npm run check:supabase -- --write-types, then npm test, and commit the file.",
    );
  },
};

/** What the file with the committed types must hold for this database. Throws a `CliError` with the CLI's words. */
export async function generatedTypes(cli: SupabaseCli, databaseUrl: string): Promise<string> {
  const { code, stdout, stderr } = await cli.run(["gen", "types", "--schema", SCHEMA, remote(databaseUrl)]);
  if (code !== 0) throw new CliError("program_failed", messageOfLines(stderr.split("\n")));
  return await formatted(HEADER + stdout);
}

/** As `deno fmt` leaves it in this project. */
async function formatted(source: string): Promise<string> {
  const { code, stdout, stderr } = await run(process.execPath, ["fmt", "--ext=ts", "-"], {
    cwd: ROOT,
    stdin: source,
  });
  if (code !== 0) throw new CliError("program_failed", `The generated types are not TypeScript:\n${stderr}`);
  return stdout;
}

/** Lines that only one of two texts has, `-` for the first and `+` for the second, the first dozen of them. */
export function lineDifferences(before: string, after: string): string {
  const [old, current] = [before.split("\n"), after.split("\n")];
  const [wasThere, isThere] = [new Set(old), new Set(current)];
  const differences = [
    ...old.filter((line) => !isThere.has(line)).map((line) => `- ${line.trim()}`),
    ...current.filter((line) => !wasThere.has(line)).map((line) => `+ ${line.trim()}`),
  ];
  const left = differences.length - SHOWN;
  return [...differences.slice(0, SHOWN), ...(left > 0 ? [`… and ${left} more`] : [])].join("\n");
}
