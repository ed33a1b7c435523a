import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "vitest";
import { report } from "./support/measures.ts";

/** The Deno that hosted Supabase runs functions with. */
const HOSTED_DENO = resolve("node_modules/deno-hosted/deno");
const PROGRAM = resolve("tests/bench/functions/normaliser.ts");
const LONGEST_ANSWER = 1024 * 1024;
const ACTIONS = ["get_items", "item_clicked", "create_item"];
const MB = 1e6;

/** As many of `part` as an answer may hold between `head` and `tail`. */
function filled(head: string, part: (index: number) => string, tail: string): string {
  const parts: string[] = [];
  let length = head.length + tail.length;
  for (let index = 0;; index++) {
    const next = part(index);
    length += next.length + 1;
    if (length > LONGEST_ANSWER) return head + parts.join(",") + tail;
    parts.push(next);
  }
}

const member = (index: number) => `"${index.toString(36)}":1`;

/** One name in another case for each index: their canonical name is the same. */
function spelling(index: number): string {
  return [..."conversationid"].map((letter, place) => index >> place & 1 ? letter.toUpperCase() : letter)
    .join("");
}

/** What takes longest for its length, or most memory. */
const WORST = {
  rows: () => filled("[", () => '{"a":1}', "]"),
  entries: () => filled('{"messages":[', () => '{"id":1}', "]}"),
  datedEntries: () => filled('{"messages":[', () => '{"date":2e9}', "]}"),
  daysOfEntries: () => filled('{"messages":[', () => '{"date":"20240501"}', "]}"),
  emptyRows: () => filled("[", () => "{}", "]"),
  attachments: () => filled('{"id":7,"messages":[{"files":[', () => '"http://a"', "]}]}"),
  membersOfRow: () => filled("[{", member, "},{}]"),
  membersOfRecord: () => filled('{"id":7,', member, "}"),
  spellings: () => filled("[{", (index) => `"${spelling(index)}":null`, '},{"id":1}]'),
  decimals: () => filled('[{"a":[', () => "1.0", "]}]"),
  rowsOfDecimals: () => filled("[", () => '{"a":1.0}', "]"),
  errors: () => filled('{"errors":[', () => "0.0", '],"items":[]}'),
  brackets: () => filled("[", () => "[".repeat(60) + "]".repeat(60), "]"),
};

test("an owner's answer of a megabyte that is the most work", () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-normaliser-"));
  const costs = Object.entries(WORST).flatMap(([name, answer]) => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, answer());
    return ACTIONS.map((action) => least([cost(file, action), cost(file, action)]));
  });
  rmSync(folder, { recursive: true });
  report("normaliser_cpu", Math.max(...costs.map(({ cpuMs }) => cpuMs)));
  report("normaliser_memory", Math.max(...costs.map(({ bytes }) => bytes)) / MB);
});

/** Whatever else the machine does only adds to it. */
function least(costs: Cost[]): Cost {
  return {
    cpuMs: Math.min(...costs.map(({ cpuMs }) => cpuMs)),
    bytes: Math.min(...costs.map(({ bytes }) => bytes)),
  };
}

interface Cost {
  cpuMs: number;
  bytes: number;
}

function cost(file: string, action: string): Cost {
  const args = ["run", "-A", "--quiet", PROGRAM, file, action];
  return JSON.parse(
    execFileSync(HOSTED_DENO, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  );
}
