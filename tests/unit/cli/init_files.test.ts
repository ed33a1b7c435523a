import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundlesOf } from "../../../cli/init/function_files.ts";
import { findOwnProject } from "../../../cli/init/own_project.ts";
import { initPlan, removePlan } from "../../../cli/init/plan.ts";
import type { MigrationFile } from "../../../cli/install/migrations.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const SOURCES: Record<string, string> = {
  "_heddle/api.js": "export default {};\n",
  "api/index.ts": "export {};\n",
  "api/deno.json": "{}\n",
};
const MANIFEST = {
  version: "0.1.0",
  functions: { api: ["api/index.ts"] },
  files: Object.fromEntries(Object.entries(SOURCES).map(([path, text]) => [path, sha256(text)])),
};
const bundles = bundlesOf(
  new Map(
    Object.entries({ ...SOURCES, "_heddle/heddle.json": JSON.stringify(MANIFEST) })
      .map(([path, text]) => [path, new TextEncoder().encode(text)]),
  ),
);
const migration = (name: string): MigrationFile => ({
  version: "1",
  name,
  script: "select 1;\n",
  checksum: "",
});

let outside: string;
let folder: string;
beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), "heddle-init-"));
  folder = join(outside, "shop");
  write("supabase/config.toml", 'project_id = "shop"\n');
});
afterEach(() => rmSync(outside, { recursive: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const plan = async (migrations = [migration("members")]) =>
  await initPlan(await findOwnProject(folder), { bundles, migrations, now: new Date() });
const removal = async () => await removePlan(await findOwnProject(folder));
const installed = async () => {
  for (const { path, text } of (await plan()).write) write(path, text);
};

describe("heddle init stops before anything is written", () => {
  it.each([
    [
      '[functions.api]\nentrypoint = "./own/api.ts"\n',
      /has \[functions\.api\] in supabase\/config\.toml.*rename it/,
    ],
    ["[functions.api]\nverify_jwt = true\n", /has \[functions\.api\]/],
  ])("at a function of the owner's that only the settings name: %j", async (config, message) => {
    write("supabase/config.toml", config);
    await expect(plan()).rejects.toThrow(message);
  });

  it("at a function of the owner's that is a link, or leads nowhere", async () => {
    mkdirSync(join(outside, "api"));
    mkdirSync(join(folder, "supabase/functions"));
    symlinkSync(join(outside, "api"), join(folder, "supabase/functions/api"));
    await expect(plan()).rejects.toThrow(/has api in supabase\/functions/);
    rmSync(join(outside, "api"), { recursive: true });
    await expect(plan()).rejects.toThrow(/has api in supabase\/functions/);
  });

  it("at a link in the place of what it wrote", async () => {
    await installed();
    rmSync(join(folder, "supabase/functions/api"), { recursive: true });
    mkdirSync(join(outside, "api"));
    symlinkSync(join(outside, "api"), join(folder, "supabase/functions/api"));
    await expect(plan()).rejects.toThrow(/supabase\/functions\/api: Heddle writes through no link/);
  });

  it.each([
    ["supabase/config.toml", /supabase\/config\.toml is a link.*Put the file itself there/],
    ["supabase/functions", /supabase\/functions is a link.*Put the folder itself there/],
    ["supabase/migrations", /supabase\/migrations is a link.*Put the folder itself there/],
    ["supabase", /supabase is a link.*--project \S*\/real\. Nothing/],
  ])("at a link in the place of %s, which nothing goes through", async (path, message) => {
    await installed();
    const real = join(outside, "real", basename(path));
    mkdirSync(dirname(real));
    renameSync(join(folder, path), real);
    symlinkSync(real, join(folder, path));
    await expect(plan()).rejects.toThrow(message);
    if (path === "supabase/migrations") {
      expect((await removal()).remove).toContain("supabase/functions/api/index.ts");
    } else await expect(removal()).rejects.toThrow(message);
  });

  it("at a link in the place of supabase to a folder that is called otherwise", async () => {
    renameSync(join(folder, "supabase"), join(outside, "database"));
    symlinkSync(join(outside, "database"), join(folder, "supabase"));
    await expect(plan()).rejects.toThrow(/supabase is a link.*Put the folder itself there/);
  });

  it("at a link that leads nowhere", async () => {
    symlinkSync(join(outside, "nowhere"), join(folder, "supabase/functions"));
    await expect(plan()).rejects.toThrow(/supabase\/functions is a link/);
  });

  it("at a migration of the owner's with the name of one of its own", async () => {
    write("supabase/migrations/20240101000000_heddle_members.sql", "create table public.members ();\n");
    await expect(plan()).rejects.toThrow(
      /has supabase\/migrations\/20240101000000_heddle_members\.sql, not of/,
    );
    write("supabase/migrations/20240101000001_heddle_tweaks.sql", "select 1;\n");
    expect((await plan([migration("agents")])).write.map(({ path }) => path.replace(/\d{14}/, "")))
      .toContain("supabase/migrations/_heddle_agents.sql");
  });

  it("at a list of what it wrote that names anything else", async () => {
    for (
      const path of [
        "../../../secret",
        "/etc/passwd",
        "_heddle/../own/index.ts",
        "own/index.ts",
        "api/own.ts",
        "api\\x",
      ]
    ) {
      await installed();
      const files = { ...MANIFEST.files, [path]: sha256("secret") };
      write("supabase/functions/_heddle/heddle.json", JSON.stringify({ ...MANIFEST, files }));
      for (const planned of [plan, removal]) {
        await expect(planned()).rejects.toThrow(/is not what Heddle wrote/);
      }
      write("supabase/functions/_heddle/heddle.json", JSON.stringify(MANIFEST));
    }
  });
});

describe("heddle init", () => {
  it("knows its migrations by their first line, and writes none twice", async () => {
    await installed();
    expect((await plan()).write).toEqual([]);
  });

  it("goes through a link to the project's folder", async () => {
    const link = join(outside, "link");
    symlinkSync(folder, link);
    const project = await findOwnProject(join(link, "supabase"));
    const { write } = await initPlan(project, { bundles, migrations: [], now: new Date() });
    expect(write.map(({ path }) => path)).toContain("supabase/functions/api/index.ts");
  });

  it("warns of a branch's own settings", async () => {
    write("supabase/config.toml", '[remotes.staging.api]\nschemas = ["public"]\n');
    expect((await plan()).warnings).toEqual([expect.stringContaining("[remotes.staging.api]")]);
  });
});

describe("heddle init --remove", () => {
  it("leaves what is behind a link, and names it", async () => {
    await installed();
    rmSync(join(folder, "supabase/functions/api"), { recursive: true });
    mkdirSync(join(outside, "api"));
    for (const file of ["index.ts", "deno.json"]) {
      writeFileSync(join(outside, "api", file), SOURCES[`api/${file}`] ?? "");
    }
    symlinkSync(join(outside, "api"), join(folder, "supabase/functions/api"));
    const { remove, edited } = await removal();
    expect(remove).toEqual(["supabase/functions/_heddle/api.js", "supabase/functions/_heddle/heddle.json"]);
    expect(edited).toEqual(["supabase/functions/api/index.ts", "supabase/functions/api/deno.json"]);
  });

  it("leaves an owner's functions in peace where Heddle never was", async () => {
    write("supabase/config.toml", "[functions.api]\nverify_jwt = false\n");
    expect(await removal()).toMatchObject({ write: [], remove: [], settings: [] });
  });
});
