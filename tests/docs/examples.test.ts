import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { snippets } from "./support/documents.ts";

const EXAMPLES = fileURLToPath(new URL("../../docs/examples/", import.meta.url));
const languages = readdirSync(EXAMPLES).filter((folder) => folder !== "browser");

function source(path: string): string {
  return readFileSync(join(EXAMPLES, path), "utf8");
}

/** All code of a document, whatever its language. */
function codeOf(document: string): string[] {
  return snippets(document, "\\w+").map((code) => `${code}\n`);
}

describe.each(languages)("docs/backend/%s.md", (language) => {
  const document = `docs/backend/${language}.md`;
  const files = readdirSync(join(EXAMPLES, language), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "go.mod")
    .map((entry) => relative(EXAMPLES, join(entry.parentPath, entry.name)));

  it("shows every example of its language word for word, and no other code", () => {
    expect(codeOf(document).sort()).toEqual(files.map(source).sort());
  });

  it("links each to its file", () => {
    const text = readFileSync(new URL(`../../${document}`, import.meta.url), "utf8");
    expect(files.filter((file) => !text.includes(`](../examples/${file})`))).toEqual([]);
  });
});

it("docs/backend.md names every language", () => {
  const text = readFileSync(new URL("../../docs/backend.md", import.meta.url), "utf8");
  expect(languages.filter((language) => !text.includes(`](backend/${language}.md)`))).toEqual([]);
});

it.each([
  ["docs/embed.md", "node/user_token.mjs"],
  ["docs/webhooks.md", "node/webhook.mjs"],
  ["docs/gateway.md", "browser/events.html"],
])("%s shows examples/%s word for word", (document, example) => {
  expect(codeOf(document)).toContain(source(example));
});
