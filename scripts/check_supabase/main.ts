/** `npm run check:supabase`: asks the real Supabase CLI, on this machine and without a project. */
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { countsOf, examine } from "../../cli/checks.ts";
import { functionNames } from "../../cli/deploy/functions/sources.ts";
import { CliError, messageOf, usageError } from "../../cli/errors.ts";
import { allChecks } from "./checks/index.ts";
import { migrations } from "./checks/migrations.ts";
import { generatedTypes, TYPES_FILE } from "./checks/types.ts";
import { findCli, requireSupported, SupabaseCli } from "./cli.ts";
import { startDatabases } from "./databases.ts";
import { denoVersion } from "./functions/unpack.ts";
import { jsonOf, leftOutBecause, lineOf, summaryOf } from "./report.ts";
import { makeScratch } from "./scratch.ts";
import type { Verdict } from "./subject.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGED_CLI = join(ROOT, "node_modules/@supabase/cli-linux-x64/bin/supabase");

const HELP = `npm run check:supabase [-- options]

Lets the Supabase CLI apply the migrations to a new project's database, look for what is unsafe in it, compare it with
that of npm start and with the committed types, deploy the functions to a fake API, and say whether it knows the
commands of the documents. Needs no project and no network.

  --json               print the result as JSON
  --write-types        write ${TYPES_FILE} anew, and check nothing
  --project FOLDER     another checkout to look at`;

/** They share the CLI's folder and two databases. */
const ONE_BY_ONE = { atOnce: 1, fix: "Correct that, then run this again.", because: leftOutBecause };

function readOptions() {
  try {
    return parseArgs({
      options: {
        help: { type: "boolean", short: "h", default: false },
        json: { type: "boolean", default: false },
        "write-types": { type: "boolean", default: false },
        project: { type: "string", default: ROOT },
      },
    }).values;
  } catch (error) {
    throw usageError(`${messageOf(error)}\n\n${HELP}`);
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) return console.log(HELP), 0;
  const projectDir = resolve(options.project);
  const scratch = await makeScratch(projectDir);
  const cli = new SupabaseCli(findCli(PACKAGED_CLI, process.env["PATH"]), scratch);
  const version = (await cli.run(["--version"])).stdout.trim();
  requireSupported(version, cli.path);

  const databases = await startDatabases(join(scratch.project, "supabase"));
  try {
    const subject = {
      cli,
      databases,
      project: scratch.project,
      scratch: scratch.folder,
      uploads: new Map(),
    };
    if (options["write-types"]) {
      const [verdict] = await examine([{ ...migrations, needs: [] }], subject, ONE_BY_ONE);
      if (verdict?.finding.status !== "ok") {
        throw new CliError("program_failed", verdict ? lineOf(verdict) : "");
      }
      await writeFile(join(projectDir, TYPES_FILE), await generatedTypes(cli, databases.bare));
      return console.log(`Wrote ${TYPES_FILE}.`), 0;
    }
    if (!options.json) console.log(`Supabase CLI ${version}\n`);
    const tell = options.json ? undefined : (verdict: Verdict) => console.log(lineOf(verdict));
    const checks = allChecks(
      await functionNames(join(scratch.project, "supabase/functions")),
      await denoVersion(),
      projectDir === resolve(ROOT),
    );
    const verdicts = await examine(checks, subject, { ...ONE_BY_ONE, tell });
    console.log(
      options.json ? JSON.stringify(jsonOf(version, verdicts), null, 2) : `\n${summaryOf(verdicts)}`,
    );
    return countsOf(verdicts).ok === verdicts.length ? 0 : 1;
  } finally {
    await databases.stop();
  }
}

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  process.on(signal, () => process.exit(code));
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof CliError ? error.message : error);
  process.exit(1);
}
