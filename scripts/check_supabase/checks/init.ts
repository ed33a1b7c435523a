import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { failed, type Finding, OK } from "../../../cli/checks.ts";
import { remote } from "../cli.ts";
import { callFunction } from "../functions/call_function.ts";
import { missingImports } from "../functions/missing_imports.ts";
import { unpack } from "../functions/unpack.ts";
import { run } from "../run.ts";
import type { Check, Subject } from "../subject.ts";
import { uploadsOf } from "./deploy.ts";

const CLI = fileURLToPath(new URL("../../../cli/main.ts", import.meta.url));
const FIX = "Make cli/init write what the CLI takes.";

/** Only of the checkout that this program belongs to: heddle init brings no other into a project. */
export const init: Check = {
  id: "init",
  what: "npm run heddle -- init",
  title: "brings Heddle into a project that supabase init made, for db push and functions deploy",
  needs: ["deploy"],
  run: (subject) => pushAndDeploy(subject, "fresh", async () => {}),
};

/** The same where the owner has much already. */
export const initBeside: Check = {
  id: "init-beside",
  what: "npm run heddle -- init",
  title: "leaves alone what a project has: later migrations, functions, shared code, an import map, settings",
  needs: ["init"],
  run: (subject) =>
    pushAndDeploy(subject, "living", async (folder) => {
      const supabase = join(folder, "supabase");
      await mkdir(join(supabase, "functions/_shared"), { recursive: true });
      await mkdir(join(supabase, "functions/own"), { recursive: true });
      await mkdir(join(supabase, "migrations"), { recursive: true });
      await writeFile(
        join(supabase, "migrations/20991231235959_own.sql"),
        "create table public.own (id int);\n",
      );
      await writeFile(
        join(supabase, "functions/import_map.json"),
        '{ "imports": { "own": "./_shared/own.ts" } }\n',
      );
      await writeFile(join(supabase, "functions/_shared/own.ts"), "export const own = 1;\n");
      await writeFile(
        join(supabase, "functions/own/index.ts"),
        'import { own } from "own";\nDeno.serve(() => new Response(`${own}`));\n',
      );
    }),
};

/** Makes a project, has heddle init write into it, pushes its migrations to a new database, and deploys its functions. */
async function pushAndDeploy(
  subject: Subject,
  name: "fresh" | "living",
  furnish: (folder: string) => Promise<void>,
): Promise<Finding> {
  const { cli, scratch, databases } = subject;
  const folder = join(scratch, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const made = await cli.ask(["init", "--workdir", folder]);
  if (!made.ok) return failed(made.message, "Correct what the CLI names.");
  await furnish(folder);
  const own = await readdir(join(folder, "supabase"), { recursive: true });

  const written = await run(process.execPath, [
    "run",
    "-A",
    "--quiet",
    CLI,
    "init",
    "--project",
    folder,
    "--json",
  ], {
    cwd: scratch,
    env: { NO_COLOR: "1" },
  });
  if (written.code !== 0) return failed(written.stderr.trim(), FIX);
  const lost = own.filter((path) => path !== "config.toml")
    .filter((path) => JSON.parse(written.stdout).written.includes(`supabase/${path}`));
  if (lost.length > 0) return failed(`It wrote over ${lost.join(", ")}.`, FIX);

  const pushed = await cli.ask(["db", "push", "--yes", "--workdir", folder, remote(databases[name])]);
  if (!pushed.ok) return failed(pushed.message, FIX);
  const { ok, message, uploads } = await uploadsOf(cli, folder, scratch);
  if (!ok) return failed(message, FIX);
  const missing: string[] = [];
  for (const [slug, upload] of [...uploads].filter(([slug]) => slug !== "own")) {
    const unpacked = await unpack(upload, join(scratch, `${name}-uploads`, slug));
    missing.push(...await missingImports(unpacked));
    await callFunction(unpacked, slug);
  }
  return missing.length === 0 ? OK : failed(missing.join("\n"), FIX);
}
