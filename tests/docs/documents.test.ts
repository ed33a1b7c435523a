import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

// The program is Deno's, and tsc knows nothing of Deno; its list of commands can be read in Node as well.
const PROGRAM = new URL("../../cli/commands/index.ts", import.meta.url).href;
const { COMMANDS }: { COMMANDS: { name: string }[] } = await import(PROGRAM);

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  "local/README.md",
  "local/realtime/README.md",
  "tests/bench/README.md",
];

it("docs/heddle.md names every command of heddle", () => {
  const text = readFileSync(join(ROOT, "docs/heddle.md"), "utf8");
  const names = COMMANDS.map(({ name }) => name);
  expect(names).toContain("agent create");
  expect(names.filter((name) => !text.includes(`| \`${name}`))).toEqual([]);
});

it("CONTRIBUTING.md names every command of package.json", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const text = read("CONTRIBUTING.md");
  const names = Object.keys(scripts);
  expect(names).toContain("bench");
  expect(names.filter((name) => !new RegExp(`\`npm (run )?${name}\\b(?!:)`).test(text))).toEqual([]);
});

it("docs/README.md leads to every document", () => {
  const index = read("docs/README.md");
  const pages = readdirSync(join(ROOT, "docs")).filter((name) =>
    name.endsWith(".md") && name !== "README.md"
  );
  expect(pages.filter((name) => !index.includes(`](${name})`))).toEqual([]);
  expect(read("README.md")).toContain("](docs/README.md)");
});

it.each(DOCUMENTS)("%s links only to files and headings that are there", (document) => {
  const links = [...read(document).matchAll(/\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g)]
    .map(([, target = "", anchor = ""]) => ({ target, anchor }));
  const dead = links.filter(({ target, anchor }) => {
    const path = target === "" ? document : join(dirname(document), target);
    if (!existsSync(join(ROOT, path))) return true;
    return anchor !== "" && !anchorsOf(path).includes(anchor);
  });
  expect(dead).toEqual([]);
});

function read(document: string): string {
  return readFileSync(join(ROOT, document), "utf8");
}

/** As GitHub makes them: of a heading's text in lower case, letters, digits, `_` and `-` are left. */
function anchorsOf(document: string): string[] {
  const headings = [...read(document).matchAll(/^#+ (.+)$/gm)].map(([, text = ""]) => text);
  return headings.map((text) =>
    `#${text.toLowerCase().replaceAll(/[^\p{L}\d_ -]/gu, "").replaceAll(" ", "-")}`
  );
}
