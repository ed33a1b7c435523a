import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { namesWithout } from "../../../cli/init/left_out.ts";
import { bundlesOf } from "../../../cli/init/manifest.ts";
import { findOwnProject } from "../../../cli/init/own_project.ts";
import { initPlan, type Plan, removePlan } from "../../../cli/init/plan.ts";
import type { MigrationFile } from "../../../cli/install/migrations.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const SOURCES: Record<string, string> = {
  "_heddle/api.js": "export default {};\n",
  "api/index.ts": "export {};\n",
  "api/deno.json": "{}\n",
};
const build = (version: string, sources: Record<string, string>) => {
  const manifest = {
    version,
    functions: { api: ["api/index.ts"] },
    files: Object.fromEntries(Object.entries(sources).map(([path, text]) => [path, sha256(text)])),
  };
  const files = Object.entries({ ...sources, "_heddle/heddle.json": JSON.stringify(manifest) })
    .map(([path, text]) => [path, new TextEncoder().encode(text)] as const);
  return { manifest, bundles: bundlesOf(new Map(files)) };
};
const { manifest: MANIFEST, bundles } = build("0.1.0", SOURCES);
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
const read = (path: string) => readFileSync(join(folder, path), "utf8");
const plan = async (migrations = [migration("members")], of = bundles) =>
  await initPlan(await findOwnProject(folder), { bundles: of, migrations, now: new Date() });
const removal = async () => await removePlan(await findOwnProject(folder));
const carryOut = ({ write: files, remove }: Plan) => {
  for (const { path, text } of files) write(path, text);
  for (const path of remove) rmSync(join(folder, path));
  for (const parent of new Set(remove.map((path) => dirname(join(folder, path))))) {
    if (readdirSync(parent).length === 0) rmdirSync(parent);
  }
};
const installed = async () => carryOut(await plan());
const upgraded = (version: string, changed: Record<string, string>, without: string[] = []) =>
  plan(
    undefined,
    build(
      version,
      Object.fromEntries(
        Object.entries({ ...SOURCES, ...changed }).filter(([path]) => !without.includes(path)),
      ),
    ).bundles,
  );

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

  it("at what a later version has written, functions or migrations", async () => {
    await installed();
    await expect(upgraded("0.0.10", { "_heddle/api.js": "older\n" })).rejects.toThrow(
      /has Heddle 0\.1\.0, and this is 0\.0\.10, which is older: update .* first/,
    );
    await expect(plan([migration("agents")])).rejects.toThrow(
      /has \d{14}_heddle_members\.sql in .*, of a later Heddle than this: update Heddle first/,
    );
    carryOut(await upgraded("0.2.0", {}));
    await expect(plan()).rejects.toThrow(/has Heddle 0\.2\.0/);
    carryOut(await upgraded("0.10.0", {}));
    await expect(upgraded("0.9.9", {})).rejects.toThrow(/has Heddle 0\.10\.0/);
  });

  it("at its folder without the list of what it wrote, and names what is in it and the way out", async () => {
    await installed();
    rmSync(join(folder, "supabase/functions/_heddle/heddle.json"));
    await expect(plan()).rejects.toThrow(
      /^supabase\/functions\/_heddle is there \(api\.js\), but not its heddle\.json.*delete the folder/,
    );
    rmSync(join(folder, "supabase/functions/_heddle"), { recursive: true });
    const { write: files, edited } = await plan();
    expect(edited).toEqual([]);
    expect(files.map(({ path }) => path)).toEqual([
      "supabase/functions/_heddle/api.js",
      "supabase/functions/_heddle/heddle.json",
    ]);
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

  it("knows a project that has none of its migrations yet", async () => {
    expect((await plan()).isFirst).toBe(true);
    await installed();
    expect((await plan([migration("members"), migration("rooms")])).isFirst).toBe(false);
  });

  it("says of a file that was edited whether this version has another, as often as it is asked", async () => {
    const path = "supabase/functions/_heddle/api.js";
    await installed();
    write(path, "// mine\n");
    expect((await plan()).edited).toEqual([{ path, ours: "same" }]);
    for (const version of ["0.1.1", "0.1.1", "0.1.2"]) {
      const next = await upgraded(version, { "_heddle/api.js": "export default { new: true };\n" });
      expect(next.edited).toEqual([{ path, ours: "another" }]);
      carryOut(next);
    }
    expect(read(path)).toBe("// mine\n");
    rmSync(join(folder, path));
    carryOut(await upgraded("0.1.2", { "_heddle/api.js": "export default { new: true };\n" }));
    expect(read(path)).toBe("export default { new: true };\n");
  });

  it("upgrades a file that was edited and is again as it was written, by whatever version", async () => {
    const path = "supabase/functions/_heddle/api.js";
    await installed();
    write(path, "// mine\n");
    carryOut(await upgraded("0.1.1", { "_heddle/api.js": "new\n" }));
    write(path, SOURCES["_heddle/api.js"] ?? "");
    carryOut(await upgraded("0.1.1", { "_heddle/api.js": "new\n" }));
    expect(read(path)).toBe("new\n");
  });

  it("remembers an edited file that a later version has not got, until it is deleted", async () => {
    const path = "supabase/functions/_heddle/api.js";
    await installed();
    write(path, "// mine\n");
    const next = await upgraded("0.1.1", {}, ["_heddle/api.js"]);
    expect(next).toMatchObject({ edited: [{ path, ours: "none" }], remove: [] });
    carryOut(next);
    expect((await removal()).edited).toEqual([{ path, ours: "none" }]);
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
    expect(remove).toEqual(["supabase/functions/_heddle/api.js"]);
    expect(edited.map(({ path }) => path)).toEqual([
      "supabase/functions/api/index.ts",
      "supabase/functions/api/deno.json",
    ]);
  });

  it.each(["_heddle/api.js", "api/index.ts"])(
    "remembers the edited file %s that it leaves, so that init goes on from there",
    async (name) => {
      const path = `supabase/functions/${name}`;
      await installed();
      write(path, "// mine\n");
      carryOut(await removal());
      expect(existsSync(join(folder, "supabase/functions/api/deno.json"))).toBe(false);
      expect(await removal()).toMatchObject({ write: [], remove: [], edited: [{ path }] });
      expect((await plan()).edited).toEqual([{ path, ours: "same" }]);
      await installed();
      carryOut(await removal());
      rmSync(join(folder, path));
      carryOut(await removal());
      expect(existsSync(join(folder, "supabase/functions/_heddle/heddle.json"))).toBe(false);
    },
  );

  it("leaves an owner's functions in peace where Heddle never was", async () => {
    write("supabase/config.toml", "[functions.api]\nverify_jwt = false\n");
    expect(await removal()).toMatchObject({ write: [], remove: [], settings: [] });
  });
});

describe("heddle init --without", () => {
  const two = (() => {
    const sources = {
      ...SOURCES,
      "_heddle/heddle.js": "shared\n",
      "_heddle/deliver.js": "deliver\n",
      "deliver/index.ts": "export {};\n",
      "deliver/deno.json": "{}\n",
    };
    const manifest = {
      version: "0.1.0",
      functions: {
        api: ["api/deno.json", "api/index.ts", "_heddle/api.js", "_heddle/heddle.js"],
        deliver: ["deliver/deno.json", "deliver/index.ts", "_heddle/deliver.js", "_heddle/heddle.js"],
      },
      files: Object.fromEntries(Object.entries(sources).map(([path, text]) => [path, sha256(text)])),
    };
    const files = Object.entries({ ...sources, "_heddle/heddle.json": JSON.stringify(manifest) })
      .map(([path, text]) => [path, new TextEncoder().encode(text)] as const);
    return bundlesOf(new Map(files));
  })();
  const planned = async (without?: string[]) =>
    await initPlan(await findOwnProject(folder), { bundles: two, migrations: [], now: new Date(), without });
  const written = ({ write: files }: Plan) =>
    files.map(({ path }) => path.replace("supabase/functions/", ""));

  it("leaves an owner's function of that name in peace, with its settings, now and at each later run", async () => {
    write("supabase/functions/api/index.ts", "// mine\n");
    write("supabase/config.toml", "[functions.api]\nverify_jwt = true\n");
    await expect(planned()).rejects.toThrow(
      /has api in .* rename it first, or leave Heddle's out with --without api /,
    );
    const first = await planned(["api"]);
    expect(first.leftOut).toEqual(["api"]);
    expect(written(first)).toEqual([
      "_heddle/heddle.js",
      "_heddle/deliver.js",
      "deliver/index.ts",
      "deliver/deno.json",
      "_heddle/heddle.json",
      "supabase/config.toml",
    ]);
    carryOut(first);
    expect(read("supabase/config.toml")).toContain("[functions.api]\nverify_jwt = true\n");
    expect(await planned()).toMatchObject({ write: [], remove: [], leftOut: ["api"] });
    const gone = await removal();
    carryOut(gone);
    expect(read("supabase/functions/api/index.ts")).toBe("// mine\n");
    expect(read("supabase/config.toml")).toContain("[functions.api]\nverify_jwt = true\n");
  });

  it("takes out what was there before, and brings it again with none", async () => {
    carryOut(await planned());
    const before = read("supabase/config.toml");
    const left = await planned(["api"]);
    expect(left.remove.map((path) => path.replace("supabase/functions/", "")).sort()).toEqual([
      "_heddle/api.js",
      "api/deno.json",
      "api/index.ts",
    ]);
    carryOut(left);
    expect(read("supabase/config.toml")).not.toContain("functions.api");
    expect(await planned()).toMatchObject({ write: [], remove: [] });
    const again = await planned([]);
    expect(written(again)).toContain("api/index.ts");
    carryOut(again);
    expect(read("supabase/config.toml").split("\n").sort()).toEqual(before.split("\n").sort());
    expect((await planned()).leftOut).toEqual([]);
  });

  it("names what can be left out where something else is asked for", () => {
    expect(namesWithout("events, api,api")).toEqual(["api", "events"]);
    expect(namesWithout("none")).toEqual([]);
    expect(() => namesWithout("api,deliver")).toThrow(
      /takes api, events, invite-member, mail-inbound,.*not "deliver"/,
    );
  });
});
