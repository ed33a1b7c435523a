import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  ...readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
];

it("docs/heddle.md names every command of heddle", () => {
  const text = readFileSync(join(ROOT, "docs/heddle.md"), "utf8");
  const commands = readdirSync(join(ROOT, "tools/heddle/commands"))
    .map((file) => readFileSync(join(ROOT, "tools/heddle/commands", file), "utf8"))
    .map((source) => /^ {2}name: "([^"]+)",$/m.exec(source)?.[1]);
  expect(commands).toContain("agent create");
  expect(commands.filter((name) => !name || !text.includes(`| \`${name}`))).toEqual([]);
});

it.each(DOCUMENTS)("%s links only to files that are there", (document) => {
  const text = readFileSync(join(ROOT, document), "utf8");
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = ""]) =>
    target
  );
  const dead = links.filter((target) => !existsSync(join(ROOT, dirname(document), target)));
  expect(dead).toEqual([]);
});
