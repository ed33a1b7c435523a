import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDERS = ["shared", "supabase/functions", "widget", "local", "demo", "cli", "scripts"];
const IMPORT =
  /^\s*(?:import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;

interface Import {
  from: string;
  /** A path inside the project, or a package's name. */
  to: string;
  typeOnly: boolean;
}

const imports = FOLDERS.flatMap(sourceFiles).flatMap(importsOf);

/** Which folders the code of a folder may import from, besides its own and packages. */
const ALLOWED: Record<string, string[]> = {
  "shared": [],
  "supabase/functions": ["shared"],
  "widget/core": ["shared"],
  "widget/ui": ["shared", "widget/core"],
  "widget/loader": ["shared", "widget/core", "widget/ui"],
  "local": ["shared"],
  "demo": [],
  "cli": ["shared", "scripts"],
  "scripts": ["shared", "cli"],
};

describe("imports", () => {
  it.each(Object.entries(ALLOWED))("of %s point only to %j", (folder, allowed) => {
    const strays = imports
      .filter(({ from, to }) => isBelow(folder, from) && isInProject(to))
      .filter(({ to }) => ![folder, ...allowed].some((home) => isBelow(home, to)));
    expect(strays).toEqual([]);
  });

  it("never bring zod to a visitor's page", () => {
    const reached = new Set(imports.map(({ from }) => from).filter((file) => isBelow("widget", file)));
    for (const file of reached) {
      for (const { from, to, typeOnly } of imports) {
        if (from === file && !typeOnly) reached.add(to);
      }
    }
    expect([...reached]).not.toContain("zod");
  });

  it("of a function's bare packages stand in that function's deno.json", () => {
    const missing = functionEntries().flatMap(({ entry, packages }) =>
      [...closure(entry)]
        .filter((to) => !isInProject(to) && !to.startsWith("node:"))
        .filter((name) => !packages.includes(name))
        .map((name) => `${entry} reaches ${name}`)
    );
    expect(missing).toEqual([]);
  });

  it("are found at all", () => {
    expect(imports.length).toBeGreaterThan(50);
  });
});

function functionEntries(): { entry: string; packages: string[] }[] {
  return readdirSync(join(ROOT, "supabase/functions"))
    .filter((name) => !name.startsWith("_"))
    .map((name) => {
      const folder = join("supabase/functions", name);
      const { imports } = JSON.parse(readFileSync(join(ROOT, folder, "deno.json"), "utf8"));
      return { entry: join(folder, "index.ts"), packages: Object.keys(imports) };
    });
}

function closure(entry: string): Set<string> {
  const reached = new Set([entry]);
  for (const file of reached) {
    for (const { from, to } of imports) if (from === file) reached.add(to);
  }
  return reached;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|tsx|mjs)$/.test(file))
    .map((file) => join(folder, file));
}

function importsOf(file: string): Import[] {
  const source = readFileSync(join(ROOT, file), "utf8");
  return [...source.matchAll(IMPORT)].map(([, type, declared, dynamic]) => {
    const specifier = declared ?? dynamic ?? "";
    const to = specifier.startsWith(".")
      ? relative(ROOT, normalize(join(ROOT, dirname(file), specifier)))
      : specifier;
    return { from: file, to, typeOnly: Boolean(type) };
  });
}

function isInProject(path: string): boolean {
  return [...FOLDERS, "tests"].some((folder) => isBelow(folder, path));
}

function isBelow(folder: string, path: string): boolean {
  return path.startsWith(`${folder}/`);
}
