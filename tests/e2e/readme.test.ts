import { execSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { curl } from "../support/curl.ts";
import { snippets } from "../docs/support/documents.ts";
import { keepLogFile } from "../support/logs.ts";
import { Terminal } from "../support/terminal.ts";

/** Every npm command that the README names, in a block or in a sentence. */
const COMMANDS = [...readFileSync("README.md", "utf8").matchAll(/^npm [^\n]+$|`(npm [^`]+)`/gm)]
  .map(([line, inSentence]) => inSentence ?? line);
const dataDir = mkdtempSync(join(tmpdir(), "heddle-readme-"));
const ELSEWHERE =
  `--api-port 0 --database-port 0 --mail-port 0 --shop-port 0 --inbox-port 0 --gateway-port 0 --data-dir ${dataDir}`;

afterAll(() => {
  keepLogFile("npm start of the README", join(dataDir, "heddle.log"));
  rmSync(dataDir, { recursive: true, force: true });
});

/** The README's own words, with flags that keep it away from a Heddle that may run on this machine. */
function documented(command: string, flags: string): string {
  expect(COMMANDS).toContain(command);
  return command.includes(" -- ") ? `${command} ${flags}` : `${command} -- ${flags}`;
}

describe("the README's steps", () => {
  let heddle: Terminal;

  beforeAll(async () => {
    heddle = new Terminal(documented("npm start", ELSEWHERE));
    await heddle.shows(/Stop +Ctrl-C/);
  });

  afterAll(() => heddle.interrupt());

  it("starts Heddle, prints its addresses, and publishes", async () => {
    const status = JSON.parse(
      execSync(documented("npm run -s status -- --json", `--data-dir ${dataDir}`), { encoding: "utf8" }),
    );
    expect((await fetch(status.shopUrl)).status).toBe(200);
    expect((await fetch(status.inboxUrl)).status).toBe(200);
    expect((await fetch(`${status.gatewayUrl}/readyz`)).status).toBe(200);
    expect(status.operators).toEqual(
      Array(2).fill({ email: expect.any(String), password: expect.any(String) }),
    );
    expect(Object.keys(status.tabs)).toEqual(["messaging", "default", "store"]);

    const line = snippets("README.md", "sh").find((snippet) => snippet.startsWith("curl")) ?? "";
    const { body } = await curl(line.replace("http://127.0.0.1:54321", status.apiUrl));
    expect(JSON.parse(body)).toMatchObject({ ok: true });
  });

  it("lists the options of the start, and its way to empty data", () => {
    documented("npm start -- --fresh", "");
    const help = execSync(documented("npm start -- --help", ""), { encoding: "utf8" });
    for (
      const flag of [
        "--fresh",
        "--api-port",
        "--database-port",
        "--mail-port",
        "--shop-port",
        "--inbox-port",
        "--gateway-port",
      ]
    ) {
      expect(help).toContain(flag);
    }
  });
});

it("the README names only commands that there are", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  const names = COMMANDS.map((command) => /^npm (?:run )?(?:-s )?([a-z:]+)/.exec(command)?.[1] ?? command);
  expect(names.filter((name) => !(name in scripts))).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(["start", "test", "build", "status"]));
});
