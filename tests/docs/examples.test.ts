import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { snippets } from "./support/documents.ts";

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));
const EXAMPLES = join(DOCS, "examples");
const languages = readdirSync(EXAMPLES);
const backends = languages.filter((folder) => folder !== "browser");

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe.each(languages)("docs/examples/%s", (language) => {
  const folder = join(EXAMPLES, language);
  const readme = readFileSync(join(folder, "README.md"), "utf8");

  it("has a README that leads to every file", () => {
    const files = filesOf(folder).map((file) => relative(folder, file)).filter((file) =>
      file !== "README.md"
    );
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !readme.includes(`](${file})`))).toEqual([]);
  });
});

it("no document repeats an example", () => {
  const examples = filesOf(EXAMPLES).filter((file) => !file.endsWith("README.md"))
    .map((file) => readFileSync(file, "utf8"));
  const documents = filesOf(DOCS).filter((file) => file.endsWith(".md")).map((file) => relative(DOCS, file));
  const repeated = documents.filter((document) =>
    snippets(`docs/${document}`, "\\w+").some((code) =>
      code.split("\n").length > 5 && examples.some((example) => example.includes(code))
    )
  );
  expect(repeated).toEqual([]);
});

it("docs/backend.md names every language", () => {
  const text = readFileSync(join(DOCS, "backend.md"), "utf8");
  expect(backends.filter((language) => !text.includes(`](examples/${language}/README.md)`))).toEqual([]);
});
