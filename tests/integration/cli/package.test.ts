import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { snippets } from "../../docs/support/documents.ts";
import { startStack } from "../../support/stack.ts";
import { type BareProject, createBareProject } from "./bare_project.ts";
import { useFakeSite } from "./fake_site.ts";
import { type Run, runProgram } from "./run.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const BUILT_FUNCTIONS = join(ROOT, "dist/functions");
const MEGABYTE = 1_000_000;
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** An owner's folder, into which they have installed what `npm pack` makes, as docs/heddle.md says. */
let folder: string;
let installed: Run;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "heddle-package-"));
  writeFileSync(join(folder, "package.json"), '{ "name": "shop", "private": true }\n');
  const [line = ""] = snippets("docs/heddle.md", "sh").filter((line) => line.startsWith("npm pack"));
  // It needs nothing else of npm: not even a network.
  const env = { npm_config_offline: "true", npm_config_audit: "false", npm_config_fund: "false" };
  installed = await runProgram("bash", ["-ec", line.replaceAll("../shop", folder)], { cwd: ROOT, env });
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const heddle = (words: string[], env: Record<string, string> = {}): Promise<Run> =>
  runProgram(join(folder, "node_modules/.bin/heddle"), words, { cwd: folder, env });
const filesOf = (path: string) =>
  readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)).sort();

describe("the npm package", () => {
  it("is packed and installed as its document says", () => {
    expect(installed.code, installed.stderr).toBe(0);
    expect(installed.stdout).toContain("npx heddle <command>\n");
  });

  it(`is called heddle-${version}.tgz, and weighs at most 2 MB with all it needs`, () => {
    expect(readdirSync(folder)).toContain(`heddle-${version}.tgz`);
    const files = filesOf(join(folder, "node_modules"));
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    expect(bytes).toBeLessThanOrEqual(2 * MEGABYTE);
  });

  it("holds no TypeScript but types, which Deno would refuse there", () => {
    const files = filesOf(join(folder, "node_modules"));
    expect(files.filter((file) => /\.[cm]?tsx?$/.test(file) && !file.endsWith(".d.ts"))).toEqual([]);
  });

  it("tells the licence of each package that is in it", () => {
    const texts = readFileSync(join(folder, "node_modules/heddle/dist/package/licenses.txt"), "utf8");
    for (const name of ["Heddle", "postgres", "toml-eslint-parser", "ws", "zod"]) {
      expect(texts).toMatch(new RegExp(`^${name}\\n\\n`, "m"));
    }
  });

  it("says how it is called, and of which version it is", async () => {
    const from = performance.now();
    const { code, stdout } = await heddle(["--help"]);
    console.log(`heddle --help: ${Math.round(performance.now() - from)} ms`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^npx heddle <command>\n/);
    expect(stdout).not.toMatch(/npm (run|start)|checkout/);
    const npx = await runProgram("npx", ["--offline", "heddle", "--version"], { cwd: folder });
    expect(npx.stdout).toBe(`${version}\n`);
    expect((await heddle(["doctro"])).stderr).toBe('"doctro" is not a command. See: npx heddle --help\n');
  });

  it("asks for the second package by the line that installs it", async () => {
    const { code, stderr } = await heddle(["start"]);
    expect(code).toBe(1);
    expect(stderr).toContain(`npm install --save-dev heddle-local@${version}\n`);
  });
});

describe("init of the package", () => {
  it("puts the same functions and migrations into a project as a checkout does, and then has nothing to do", async () => {
    mkdirSync(join(folder, "supabase"));
    writeFileSync(join(folder, "supabase/config.toml"), 'project_id = "shop"\n');
    const { code, stdout } = await heddle(["init"]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "then, from here:\n  npx heddle deploy --only api,widget\n  npx heddle agent create ",
    );
    for (const file of filesOf(BUILT_FUNCTIONS)) {
      const written = join(folder, "supabase/functions", file.slice(BUILT_FUNCTIONS.length));
      expect(readFileSync(written, "utf8")).toBe(readFileSync(file, "utf8"));
    }
    const texts = (path: string) => filesOf(path).map((file) => readFileSync(file, "utf8"));
    const marked = texts(join(folder, "supabase/migrations"));
    expect(marked.map((text) => text.replace(/^-- Written by heddle init: \w+\n\n/, "")))
      .toEqual(texts(join(ROOT, "supabase/migrations")));
    expect((await heddle(["init"])).stdout).toBe("Nothing to do.\n");
  });
});

describe("deploy of the package", () => {
  const site = useFakeSite();
  let project: BareProject;
  beforeAll(async () => {
    project = await createBareProject();
  });
  afterAll(() => project.drop());

  it("says in a dry run what it would do, and does it", async () => {
    const env = {
      ...site.credentials(),
      HEDDLE_DATABASE_URL: project.as("postgres"),
      HEDDLE_PUBLISHABLE_KEY: "sb_publishable_x",
    };
    const plan = await heddle(["deploy", "--dry-run"], env);
    expect(plan).toMatchObject({ code: 0 });
    expect(plan.stdout).toMatch(/^Nothing was changed\.\n\n {2}database +would apply \d+ migrations\n/);
    expect(plan.stdout).toMatch(/ {2}inbox +would write \.heddle\/inbox\n/);

    expect(await heddle(["deploy"], env)).toMatchObject({ code: 0 });
    const inbox = join(folder, ".heddle/inbox");
    const config = JSON.parse(readFileSync(join(inbox, "config.json"), "utf8"));
    expect(config).toEqual({ url: expect.any(String), publishableKey: "sb_publishable_x" });
    expect(readFileSync(join(inbox, "index.html"), "utf8")).toContain("<script");
    const again = await heddle(["deploy"], env);
    expect(again.stdout).toMatch(
      /database +up to date with \d+ migrations\n {2}api +up to date\n {2}functions +up to date\n {2}widget +up to date\n {2}inbox +up to date\n/,
    );
  });
});

describe("doctor of the package", () => {
  it("finds no fault in a running stack, and checks everything", async () => {
    const stack = await startStack();
    const { code, stdout } = await heddle(["doctor", "--wait", "300"], {
      HEDDLE_URL: stack.apiUrl,
      HEDDLE_SECRET_KEY: stack.secretKey,
      HEDDLE_PUBLISHABLE_KEY: stack.publishableKey,
      HEDDLE_DATABASE_URL: stack.dbUrl,
    }).finally(() => stack.stop());
    expect(stdout).toMatch(/^\d+ checks, no fault\.$/m);
    expect(code).toBe(0);
  });
});

describe("heddle/client of the package", () => {
  const SUBSCRIBING = `import { subscribe } from "heddle/client";
const subscription = subscribe(["conversation:b0000000-0000-4000-8000-000000000009"], (event) => console.log(event.type.toUpperCase()), {
  url: "http://127.0.0.1:9",
  apiKey: "hdl_x",
});
console.log(subscription.position());
subscription.close();
`;

  it("runs in Node", () => {
    const file = join(folder, "subscribe.mjs");
    writeFileSync(file, SUBSCRIBING);
    const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toBe("null\n");
  });

  it.each([["nodenext", "nodenext"], ["esnext", "bundler"]])(
    "has types that need no DOM, with modules of %s",
    (module, resolution) => {
      const file = join(folder, "subscribe.mts");
      writeFileSync(file, SUBSCRIBING);
      const { stdout } = spawnSync(process.execPath, [
        join(ROOT, "node_modules/typescript/bin/tsc"),
        ...["--ignoreConfig", "--noEmit", "--strict", "--lib", "ES2023", "--module", module],
        ...[
          "--moduleResolution",
          resolution,
          "--typeRoots",
          join(ROOT, "node_modules/@types"),
          "--types",
          "node",
        ],
        file,
      ], { cwd: dirname(file), encoding: "utf8" });
      expect(stdout).toBe("");
    },
  );
});
