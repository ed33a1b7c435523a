import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

it("docs/events.md lists every event that there is, and no other", () => {
  const [, data = ""] = /export interface EventData \{\n([\s\S]*?)\n\}/.exec(read("shared/events.ts")) ?? [];
  const declared = [...data.matchAll(/^ {2}"?([\w:-]+)"?: /gm)].map(([, name]) => name);
  const rows = read("docs/events.md").split("\n").filter((line) => /^\| `[\w:]+/.test(line));
  const told = rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`([\w:-]+)`/g)].map(([, name]) => name)
  );
  expect(declared.length).toBeGreaterThan(12);
  expect(told.sort()).toEqual(declared.sort());
});

it("docs/events.md shows an envelope as it is", () => {
  const [, envelope = "{}"] = /```json\n(.*)\n```/.exec(read("docs/events.md")) ?? [];
  expect(Object.keys(JSON.parse(envelope))).toEqual(["v", "id", "type", "at", "data"]);
});
