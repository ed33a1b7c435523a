import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { snippets } from "../docs/support/documents.ts";
import { type Run, runProgram } from "../integration/cli/run.ts";
import { curl } from "../support/curl.ts";
import { keepLogFile } from "../support/logs.ts";
import { processesWith } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FREE_PORTS = ["api", "database", "mail", "shop", "inbox", "gateway"].map((name) => `--${name}-port 0`);

/** An owner's folder, into which both packages are installed as docs/heddle.md says. Many have a name like this. */
const folder = mkdtempSync(join(tmpdir(), "heddle packages ü 100% "));
const heddle = (...words: string[]): Promise<Run> =>
  runProgram(join(folder, "node_modules/.bin/heddle"), words, { cwd: folder });
const start = () => new Terminal(`npx --offline heddle start ${FREE_PORTS.join(" ")}`, { cwd: folder });

beforeAll(async () => {
  writeFileSync(join(folder, "package.json"), '{ "name": "shop", "private": true }\n');
  const lines = snippets("docs/heddle.md", "sh").join("\n").split("\n")
    .filter((line) => /^(npm pack|npm run pack:local|npm install|cd) /.test(line));
  expect(lines.length).toBeGreaterThan(3);
  const { code, stderr } = await runProgram("bash", ["-ec", inFolder(lines)], {
    cwd: ROOT,
    env: { npm_config_prefer_offline: "true", npm_config_audit: "false", npm_config_fund: "false" },
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
}, 300_000);

afterAll(() => {
  keepLogFile("npx heddle start", join(folder, ".heddle/heddle.log"));
  rmSync(folder, { recursive: true, force: true });
});

/** Each snippet begins in the checkout. */
function inFolder(lines: string[]): string {
  return lines.map((line) => line.replace("../shop", `'${folder}'`))
    .map((line) => line.startsWith("npm pack") || line.startsWith("npm run") ? `cd ${ROOT}; ${line}` : line)
    .join("\n");
}

it("the package heddle-local holds no TypeScript, which Deno would refuse there, and the versions of this checkout", () => {
  const own = join(folder, "node_modules/heddle-local");
  const files = readdirSync(own, { recursive: true, encoding: "utf8" });
  expect(files.filter((file) => /\.[cm]?tsx?$/.test(file))).toEqual([]);
  const { version, dependencies } = JSON.parse(readFileSync(join(own, "package.json"), "utf8"));
  const checkout = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect({ version, deno: dependencies.deno })
    .toEqual({ version: checkout.version, deno: checkout.devDependencies.deno });
});

describe("npx heddle start", () => {
  let terminal: Terminal;
  beforeAll(async () => {
    // What the owner has for Deno is theirs: it may say anything, or nothing that can be read.
    writeFileSync(join(folder, "deno.json"), "{ of the owner's");
    terminal = start();
    await terminal.shows(/Stop +Ctrl-C/);
  });
  afterAll(() => terminal.interrupt());

  it("starts everything, with its data in the folder that it is called from", async () => {
    const [, line = ""] = await terminal.shows(/Publish +(curl .*)/);
    expect(JSON.parse((await curl(line)).body)).toMatchObject({ ok: true });
    for (const place of ["Shop page", "Operator page", "Inbox", "Caught mail"]) {
      const [, url = ""] = await terminal.shows(new RegExp(`${place} +(http\\S+)`));
      expect((await fetch(url)).status, place).toBe(200);
    }
    const [, script = ""] = await terminal.shows(/Script tag +<script async src="(\S+)"/);
    expect((await fetch(script)).headers.get("content-type")).toMatch(/javascript/);
    expect(readdirSync(join(folder, ".heddle"))).toContain("postgres");
  });

  it("keeps that folder, which has keys in it, out of what the owner commits", async () => {
    const script = "git init --quiet . && git status --short --untracked-files=all";
    const { stdout } = await runProgram("bash", ["-ec", script], { cwd: folder });
    expect(stdout).toContain("package.json");
    expect(stdout).not.toContain(".heddle");
  });

  it("is found by status, by doctor, which has no fault to find, and by the other commands", async () => {
    expect((await heddle("status")).stdout).toMatch(/^Heddle is up .* All of it: npx heddle status --json\n/);
    expect((await heddle("doctor")).stdout).toMatch(/^\d+ checks, no fault\.$/m);
    expect((await heddle("agent", "list")).stdout).toContain("Fern & Fable");
    expect((await heddle("start")).stderr).toMatch(/Heddle already runs from this folder: http/);
  });

  it("explains itself as it is called", async () => {
    expect((await heddle("start", "--help")).stdout).toMatch(/^npx heddle start \[options\]\n/);
    const { code, stderr } = await heddle("start", "--port", "1");
    expect(code).toBe(1);
    expect(stderr).not.toMatch(/npm (start|run)/);
  });

  it("ends with all that it has started on Ctrl-C, and when npx is killed", async () => {
    await terminal.interrupt();
    expect(terminal.screen).toMatch(/Stopping …\s+Stopped\.\s*$/);
    expect(processesWith(folder)).toEqual([]);

    terminal = start();
    await terminal.shows(/Stop +Ctrl-C/);
    terminal.child.kill("SIGKILL");
    await terminal.exitCode;
    await expect.poll(() => processesWith(folder), { timeout: 15_000 }).toEqual([]);
    expect((await heddle("status")).stderr).toContain(
      "Heddle is not running here. Start it: npx heddle start",
    );
  });
});
