import { describe, expect, it } from "vitest";
import type { Terminal } from "../../../cli/command.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";
/** Nobody listens there: whoever tries it fails with exit code 1. */
const ELSEWHERE = { HEDDLE_URL: "http://127.0.0.1:9", HEDDLE_SECRET_KEY: "sb_secret_x" };

// The program is Deno's, and tsc knows nothing of Deno; what is tried here runs in Node as well.
const PROGRAM = new URL("../../../cli/run.ts", import.meta.url).href;
const { run }: { run(words: string[], terminal: Terminal): Promise<number> } = await import(PROGRAM);

async function heddle(words: string[], { env = {} }: { env?: Record<string, string> } = {}) {
  const printed = { stdout: "", stderr: "" };
  const code = await run(words, {
    env,
    readInput: () => Promise.resolve(""),
    print: (text) => printed.stdout += `${text}\n`,
    notice: (text) => printed.stderr += `${text}\n`,
  });
  return { code, ...printed };
}

describe("a usage error", () => {
  it.each([
    [["agnet"], /^"agnet" is not a command\. See: /],
    [["tab", "delete"], /^"tab delete" is not a command: there are tab add, .*, tab remove\. See: /],
    [["agent", "create"], /^--name is missing\.$/],
    [
      ["agent", "create", "--nmae", "x"],
      /^Unknown option '--nmae'\. See: npm run heddle -- agent create --help$/,
    ],
    [["agent", "create", "--name", "x", "--origin", "https://x.example/path"], /is not an origin/],
    [["agent", "create", "--name", "x", "--accent", "green"], /^--accent must be a colour/],
    [["key", "create", "seven", "--name", "x"], /^<agent-id> must be an id such as/],
    [["key", "create"], /^<agent-id> is missing: npm run heddle -- key create <agent-id>$/],
    [
      ["agent", "rotate-secret", "signing", "--now"],
      /^<agent-id> is missing: npm run heddle -- agent rotate-secret /,
    ],
    [["agent", "rotate-secret", NOBODY], /^<signing\|webhook> is missing: /],
    [["agent", "rotate-secret", "seven"], /^<signing\|webhook> is missing: /],
    [["agent", "rotate-secret"], /^<agent-id> and <signing\|webhook> are missing: /],
    [["tab", "set-action", "get_items", "--enable"], /^<tab-id> is missing: /],
    [["key", "revoke", NOBODY, "x"], /^"x" is one argument too many: /],
    [
      ["tab", "add", NOBODY, "--name", "x", "--category", "chat"],
      /^--category must be one of default, messaging\.$/,
    ],
    [["tab", "add", NOBODY, "--name", "x"], /^--category must be one of default, messaging\.$/],
    [["tab", "add", NOBODY, "--name", "x", "--source", "mail"], /^--source must be one of webhook, store\.$/],
    [
      ["tab", "add", NOBODY, "--name", "x", "--category", "default", "--source", "store"],
      /^--source store is for messaging tabs: it keeps conversations\.$/,
    ],
    [
      ["tab", "add", NOBODY, "--name", "x", "--category", "default", "--position", "-1"],
      /^--position has no value; .* --position=-…/,
    ],
    [
      ["tab", "add", NOBODY, "--name", "x", "--category", "default", "--position", "1e9"],
      /^--position must be a whole number from 0/,
    ],
    [["agent", "create", "--name", " "], /^--name must be 1 to 120 characters on one line/],
    [["agent", "create", "--name", "a\u001b[2Jb"], /^--name must be 1 to 120 characters on one line/],
    [["agent", "update", NOBODY, "--name", "😀".repeat(121)], /^--name must be 1 to 120 characters/],
    [["agent", "create", "--name", "x", "--title", ""], /^--title must be 1 to 120 characters/],
    [["key", "create", NOBODY, "--name", "a\nb"], /^--name must be 1 to 120 characters on one line/],
    [["issues", "list", "--limit", "0"], /^--limit must be a whole number from 1/],
    [
      ["--limit", "5", "issues", "list"],
      /^The command comes before its options: "--limit" is not a command\. See: /,
    ],
    [
      ["tab", "set-action", NOBODY, "get_items", "--webhook", "https://ann:hidden@shop.example/"],
      /^--webhook must not hold a user or password(?!.*hidden)/,
    ],
    [
      ["tab", "set-action", NOBODY, "update_item", "--field", "note:text: "],
      /^A field's label must be 1 to 120 characters/,
    ],
    [
      ["connector", "add", NOBODY, "--name", "x", "--host", "a.example", "--value", "hidden".repeat(1000)],
      /^A credential of 6000 bytes does not fit into a header(?!.*hidden)/,
    ],
    [
      ["connector", "add", NOBODY, "--name", "x", "--host", "a.example", "--value", `a:${"日".repeat(1365)}`],
      /^A credential of 4097 bytes does not fit into a header/,
    ],
    [["tab", "set-action", NOBODY, "get_items"], /^Nothing to set: /],
    [
      ["tab", "set-action", NOBODY, "get_items", "--webhook", "127.0.0.1:5500/x"],
      /^--webhook must be a URL of at most 2048 characters that begins with https:\/\/, or with http:\/\/ /,
    ],
    [
      ["tab", "set-action", NOBODY, "get_items", "--field", "a:text:A"],
      /^--field belongs to update_item alone\.$/,
    ],
    [["tab", "set-action", NOBODY, "buy", "--enable"], /^An action must be one of get_items, /],
    [
      ["connector", "add", NOBODY, "--name", "x", "--host", "https://x", "--value", "x"],
      /^--host must be host/,
    ],
  ])("is reported in one sentence: %j", async (words, sentence) => {
    const { code, stdout, stderr } = await heddle(words, { env: ELSEWHERE });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.trimEnd()).toMatch(sentence);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

it("with --json a usage error is JSON on standard output, with its code", async () => {
  const { code, stdout, stderr } = await heddle(["agent", "create", "--json"], { env: ELSEWHERE });
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toEqual({ error: { code: "usage_error", message: "--name is missing." } });
  expect(stderr).toBe("--name is missing.\n");
});

it("explains every command that it lists", async () => {
  const { stdout } = await heddle(["--help"]);
  const names = [...stdout.matchAll(/^ {2}([a-z]+ [a-z-]+|[a-z]+) {2,}\S/gm)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(10);
  for (const name of names) {
    const help = await heddle([...name.split(" "), "--help"]);
    expect(help).toMatchObject({ code: 0, stderr: "" });
    expect(await heddle([...name.split(" "), "-h"])).toEqual(help);
    expect(help.stdout).toMatch(new RegExp(`^npm run heddle -- ${name}.*\n\n\\S.*\\.\n`));
    expect(help.stdout).toContain("For example");
  }
});

it("explains each action that may have a webhook", async () => {
  const { stdout } = await heddle(["tab", "set-action", "--help"]);
  for (const action of ["get_items", "item_clicked", "create_item", "update_item", "delete_item"]) {
    expect(stdout).toMatch(new RegExp(`^ {2}${action} +[a-z]`, "m"));
  }
});

it("explains the commands of one thing", async () => {
  for (const words of [["tab"], ["tab", "--help"], ["tab", "-h"], ["help", "tab"]]) {
    const { code, stdout } = await heddle(words);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^npm run heddle -- tab …\n/);
    const named = stdout.match(/^ {2}[a-z]+ [a-z-]+(?= {2,}[A-Z])/gm) ?? [];
    expect(named).toContain("  tab set-action");
    expect(named.filter((name) => !name.startsWith("  tab "))).toEqual([]);
  }
});
