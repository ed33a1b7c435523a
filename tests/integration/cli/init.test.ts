import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DROP_SQL } from "../../../cli/init/drop.ts";
import { createBareProject } from "./bare_project.ts";
import { heddle, heddleJson } from "./run.ts";

interface Result {
  written: string[];
  removed: string[];
  edited: string[];
  settings: string[];
  warnings: string[];
}

const CONFIG = '# The shop\nproject_id = "shop"\n\n[api]\nschemas = ["public"] # mine\n';
const TOPICS = readdirSync("supabase/migrations").sort().map((name) => name.replace(/^\d+_/, ""));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heddle-init-"));
  write("supabase/config.toml", CONFIG);
  write("supabase/migrations/20240101000000_mine.sql", "select 1;\n");
  write("supabase/functions/mine/index.ts", "Deno.serve(() => new Response());\n");
  write("supabase/functions/_shared/cors.ts", "export {};\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const read = (path: string) => readFileSync(join(folder, path), "utf8");
const everything = () =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)).sort().map((
        path,
      ) => [path, readFileSync(path, "utf8")]),
  );
const init = (...words: string[]) => heddleJson<Result>(["init", "--project", folder, ...words], {});

describe("heddle upgrade", () => {
  const upgrade = (...words: string[]) => heddle(["upgrade", "--project", folder, ...words], {});

  it("begins nothing, and says what does", async () => {
    const before = everything();
    const { code, stderr } = await upgrade();
    expect([code, stderr]).toEqual([1, expect.stringContaining(`init --project ${folder}`)]);
    expect(everything()).toEqual(before);
  });

  it("brings what init has written to this version, and with --dry-run says so alone", async () => {
    await init();
    const now = everything();
    rmSync(join(folder, "supabase/functions/_heddle/packages.js"));
    const { stdout } = await upgrade("--dry-run");
    expect(stdout).toContain("packages.js");
    expect(everything()).not.toEqual(now);
    expect((await upgrade()).code).toBe(0);
    expect(everything()).toEqual(now);
    expect((await upgrade()).stdout).toMatch(/nothing to do/i);
  });
});

describe("heddle init", () => {
  it("writes functions, migrations behind the owner's and two kinds of settings, and then has nothing to do", async () => {
    const before = everything();
    const { written, warnings } = await init();
    expect(warnings).toEqual([]);
    const migrations = readdirSync(join(folder, "supabase/migrations")).sort();
    expect(migrations[0]).toBe("20240101000000_mine.sql");
    expect(migrations.slice(1).map((name) => name.replace(/^\d{14}_heddle_/, ""))).toEqual(TOPICS);
    expect(new Set(migrations.map((name) => name.slice(0, 14))).size).toBe(migrations.length);
    expect(read("supabase/config.toml")).toContain('schemas = ["public", "heddle_api"] # mine');
    expect(read("supabase/functions/tab-fetch/index.ts")).toContain("../_heddle/tab-fetch.js");
    expect(written).toContain("supabase/functions/_heddle/heddle.json");
    for (const [path, text] of Object.entries(before)) {
      if (!path.endsWith("config.toml")) expect(readFileSync(path, "utf8")).toBe(text);
    }

    const after = everything();
    const again = await heddle(["init", "--project", join(folder, "supabase/functions")]);
    expect(again.stdout).toBe("Nothing to do.\n");
    expect(everything()).toEqual(after);
  });

  it("writes nothing with --dry-run, but says the same", async () => {
    const before = everything();
    const planned = await init("--dry-run");
    expect(everything()).toEqual(before);
    const done = await init();
    expect(planned.written).toEqual(
      done.written.map((path) => path.replace(/\/\d{14}(_heddle_)/, "/<time>$1")),
    );
  });

  it("counts what it does in words, and ends with commands of a line each", async () => {
    const planned = await heddle(["init", "--project", folder, "--dry-run"]);
    const { stdout } = await heddle(["init", "--project", folder]);
    const files = Object.keys(everything()).length - 4;
    expect(planned.stdout).toMatch(new RegExp(`^Would write ${files} new files and change 1: ${folder}\n`));
    expect(stdout).toMatch(new RegExp(`^Wrote ${files} new files and changed 1: ${folder}\n`));
    expect(stdout).toContain(`then, from here:
  npm run heddle -- deploy --only api,widget
  npm run heddle -- agent create --name Shop --origin https://shop.example
  npm run heddle -- doctor
`);
    rmSync(join(folder, "supabase/functions/api/index.ts"));
    const again = await heddle(["init", "--project", folder]);
    expect(again.stdout).toMatch(/^Wrote 1 new file: /);
    expect(again.stdout).not.toContain("agent create");
    write("supabase/config.toml", CONFIG);
    expect((await heddle(["init", "--project", folder])).stdout).toMatch(/^Changed 1 file: /);
    const removed = await heddle(["init", "--project", folder, "--remove"]);
    expect(removed.stdout).toMatch(/^Changed 1 file and removed \d+: /);
  });

  it("says how to hand the migrations of heddle install over to the CLI at its first run alone, with their numbers", async () => {
    const repair = /migration repair --remote --status applied (.*)/;
    const planned = await heddle(["init", "--project", folder, "--dry-run"]);
    expect(repair.exec(planned.stdout)?.[1]).toBe("…  (init without --dry-run says which)");
    const first = await heddle(["init", "--project", folder]);
    const migrations = readdirSync(join(folder, "supabase/migrations")).filter((name) =>
      name.includes("_heddle_")
    ).sort();
    expect(repair.exec(first.stdout)?.[1]?.split(" ")).toEqual(migrations.map((name) => name.slice(0, 14)));
    expect(first.stdout).toContain("  npm run heddle -- install\n");

    // As where the version before this one had a migration less.
    rmSync(join(folder, "supabase/migrations", migrations.at(-1) ?? ""));
    for (const words of [["--dry-run"], []]) {
      const upgrade = await heddle(["init", "--project", folder, ...words]);
      expect(upgrade.stdout).toMatch(/^(?:Would write|Wrote) 1 new file: /);
      expect(upgrade.stdout).not.toMatch(/repair|install/);
    }
  });

  it("does without a function whose name the owner has taken, and says what is missing then", async () => {
    write("supabase/functions/api/index.ts", "// mine\n");
    const refused = await heddle(["init", "--project", folder]);
    expect(refused.stderr).toContain("or leave Heddle's out with --without api (docs/init.md). Nothing was");
    const { stdout } = await heddle(["init", "--project", folder, "--without", "api"]);
    expect(stdout).toContain("\n- api is left out: no REST API. init --without none brings it.\n");
    expect(read("supabase/functions/api/index.ts")).toBe("// mine\n");
    expect(existsSync(join(folder, "supabase/functions/_heddle/api.js"))).toBe(false);
    expect(read("supabase/config.toml")).not.toContain("functions.api");
    expect((await heddle(["init", "--project", folder])).stdout).toBe(
      "Nothing to do.\n\n- api is left out: no REST API. init --without none brings it.\n",
    );
    const other = await heddle(["init", "--project", folder, "--without", "tab-fetch"]);
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--without takes api, events, invite-member, mail-inbound, "),
    });
    const wrong = await heddle(["init", "--project", folder, "--without", "api", "--remove"]);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("give it without --without") });
  });

  it("puts its migrations behind one of the future", async () => {
    write("supabase/migrations/20991231235959_later.sql", "select 2;\n");
    const { written } = await init();
    const versions = written.filter((path) => path.includes("migrations/")).map((path) =>
      path.split("/")[2] ?? ""
    );
    expect(versions[0]).toMatch(/^21000101000000_heddle_agents\.sql$/);
  });

  it("upgrades what is untouched, leaves what the owner edited and names it, and takes out what is no longer needed", async () => {
    await init();
    const manifest = JSON.parse(read("supabase/functions/_heddle/heddle.json"));
    const old = "// an earlier version\n";
    const { createHash } = await import("node:crypto");
    const hash = createHash("sha256").update(old).digest("hex");
    manifest.files["_heddle/events.js"] = hash;
    manifest.files["_heddle/former.js"] = hash;
    write("supabase/functions/_heddle/events.js", old.replaceAll("\n", "\r\n"));
    write("supabase/functions/_heddle/former.js", old);
    write("supabase/functions/_heddle/heddle.json", JSON.stringify(manifest));
    write("supabase/functions/tab-fetch/index.ts", "// mine now\n");
    const { written, removed, edited } = await init();
    expect(written.sort()).toEqual([
      "supabase/functions/_heddle/events.js",
      "supabase/functions/_heddle/heddle.json",
    ]);
    expect(removed).toEqual(["supabase/functions/_heddle/former.js"]);
    expect(edited).toEqual(["supabase/functions/tab-fetch/index.ts"]);
    expect((await heddle(["init", "--project", folder])).stdout).toBe(
      "Nothing to do.\n\n! supabase/functions/tab-fetch/index.ts was edited: it is left as it is. This version has changed nothing in that file; to have Heddle's, delete it and run init again.\n",
    );
    expect(read("supabase/functions/tab-fetch/index.ts")).toBe("// mine now\n");
  });

  it.each([
    [
      "a function",
      "supabase/functions/tab-fetch/index.ts",
      /has tab-fetch in supabase\/functions.*rename it/,
    ],
    ["a folder", "supabase/functions/_heddle/own.ts", /functions\/_heddle is there \(own\.ts\)/],
    ["settings in braces", "supabase/config.toml", /in braces/],
  ])("stops before anything is written at %s of the owner's with its name", async (_, path, message) => {
    write(path, path.endsWith(".toml") ? "api = { enabled = true }\n" : "export {};\n");
    const before = everything();
    const { code, stderr } = await heddle(["init", "--project", folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(everything()).toEqual(before);
  });

  it("warns of a declared schema, of --prune in a workflow, and of a config.json that it does not edit", async () => {
    rmSync(join(folder, "supabase/config.toml"));
    write("supabase/config.json", "{}");
    write("supabase/schemas/mine.sql", "");
    write(".github/workflows/deploy.yml", "run: supabase functions deploy --use-api --prune\n");
    expect((await init()).warnings).toEqual([
      expect.stringContaining('"heddle_api" among api.schemas'),
      expect.stringContaining("supabase db diff --schema public"),
      expect.stringContaining(".github/workflows/deploy.yml deploys with --prune"),
    ]);
    expect(read("supabase/config.json")).toBe("{}");
  });

  it("says where it looked when there is no project, and does not write into its own", async () => {
    const empty = mkdtempSync(join(tmpdir(), "heddle-empty-"));
    const { code, stderr } = await heddle(["init", "--project", empty]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining("run supabase init there first"),
    });
    rmSync(empty, { recursive: true });
    expect((await heddle(["init", "--project", "."])).stderr).toContain("Heddle's own checkout");
  });

  it("takes everything out again but migrations, and what the owner edited, and says how to drop the rest", async () => {
    const before = everything();
    await init();
    write("supabase/functions/tab-fetch/index.ts", "// mine now\n");
    const { stdout } = await heddle(["init", "--project", folder, "--remove"]);
    expect(stdout).toContain(
      "! supabase/functions/tab-fetch/index.ts was edited: it is left as it is. Delete it if nothing of yours needs it.",
    );
    expect(stdout).toContain(DROP_SQL);
    expect(stdout).toMatch(/delete from supabase\/migrations:\n {2}\d{14}_heddle_agents\.sql\n/);
    const after = () =>
      Object.fromEntries(Object.entries(everything()).filter(([path]) => !path.includes("_heddle_")));
    expect(after()).toEqual({
      ...before,
      [join(folder, "supabase/functions/tab-fetch/index.ts")]: "// mine now\n",
      [join(folder, "supabase/functions/_heddle/heddle.json")]: expect.stringContaining("tab-fetch/index.ts"),
    });
    rmSync(join(folder, "supabase/functions/tab-fetch"), { recursive: true });
    await init("--remove");
    expect(after()).toEqual(before);
    expect(existsSync(join(folder, "supabase/functions/_heddle"))).toBe(false);
  });
});

describe("a database", () => {
  it("that has init's migrations is left to the CLI by heddle install", async () => {
    const project = await createBareProject();
    const env = { HEDDLE_DATABASE_URL: project.as("postgres") };
    await init();
    await asPostgres(
      project.as("postgres"),
      "create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text, name text)",
    );
    for (const file of readdirSync(join(folder, "supabase/migrations")).sort()) {
      const [, version = "", name = ""] = /^(\d+)_(.*)\.sql$/.exec(file) ?? [];
      if (name.startsWith("heddle_")) {
        await asPostgres(project.as("postgres"), read(`supabase/migrations/${file}`));
      }
      await project.sql`insert into supabase_migrations.schema_migrations values (${version}, ${name})`;
    }
    expect(await heddle(["install"], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Up to date"),
    });
    await project.sql`delete from supabase_migrations.schema_migrations where name = 'heddle_rest'`;
    expect((await heddle(["install"], { env })).stderr).toContain(
      "The Supabase CLI manages Heddle's migrations",
    );
    await project.drop();
  });

  it("that heddle install has handed over to the CLI is its own from then on, and doctor finds there what it applies", async () => {
    const project = await createBareProject();
    const env = { HEDDLE_DATABASE_URL: project.as("postgres") };
    await heddle(["install"], { env });
    await asPostgres(
      project.as("postgres"),
      "create schema supabase_migrations; create table supabase_migrations.schema_migrations (version text, name text)",
    );
    for (const [index, topic] of TOPICS.entries()) {
      const version = String(20270101000000 + index);
      const name = `heddle_${topic.replace(/\.sql$/, "")}`;
      await project.sql`insert into supabase_migrations.schema_migrations values (${version}, ${name})`;
    }
    // As if the CLI had applied one that a later version has brought.
    await project.sql`delete from heddle.migrations where name = 'rest'`;
    const { checks } = await heddleJson<{ checks: { id: string; status: string }[] }>(["doctor"], env);
    expect(checks.find(({ id }) => id === "migrations")?.status).toBe("ok");
    expect(await heddle(["install"], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Up to date"),
    });
    // A newer one is the CLI's to apply.
    await project.sql`delete from supabase_migrations.schema_migrations where name = 'heddle_rest'`;
    expect((await heddle(["install"], { env })).stderr).toContain(
      "The Supabase CLI manages Heddle's migrations",
    );
    await project.drop();
  });

  it("has nothing of Heddle after the SQL that takes it out, and can have it again", async () => {
    const project = await createBareProject();
    const env = { HEDDLE_DATABASE_URL: project.as("postgres") };
    const named = async () =>
      (await project.sql`
        select nspname as name from pg_namespace where nspname like 'heddle%'
        union all select policyname from pg_policies where policyname like 'heddle%'
        union all select name from vault.secrets where name like 'heddle%'
        union all select tgname from pg_trigger where tgname like 'heddle%'`).map(({ name }) => name);
    await heddle(["install"], { env });
    const { id } = await heddleJson<{ id: string }>(["agent", "create", "--name", "Mine"], env);
    await heddle(["connector", "add", id, "--name", "c", "--host", "shop.example", "--value", "-"], {
      env,
      stdin: "x",
    });
    expect((await named()).length).toBeGreaterThan(5);
    await asPostgres(project.as("postgres"), DROP_SQL);
    expect(await named()).toEqual([]);
    expect((await heddle(["install"], { env })).code).toBe(0);
    await project.drop();
  });
});

async function asPostgres(url: string, script: string): Promise<void> {
  const { default: postgres } = await import("postgres");
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  await sql.unsafe(script).simple().finally(() => sql.end());
}
