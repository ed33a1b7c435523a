import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAst } from "vite";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDERS = [
  "shared",
  "supabase/functions",
  "client",
  "kit",
  "widget",
  "inbox",
  "gateway",
  "local",
  "demo",
  "cli",
  "scripts",
];
const SCREEN = 80;
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
  "client": ["shared"],
  "kit": ["shared", "client"],
  "widget/core": ["shared", "client"],
  "widget/push": ["shared", "client", "kit", "widget/core"],
  "widget/ui": ["shared", "client", "kit", "widget/core", "widget/push"],
  "widget/loader": ["shared", "client", "kit", "widget/core", "widget/push", "widget/ui"],
  "inbox/core": ["shared", "client"],
  "inbox/ui": ["shared", "client", "kit", "inbox/core"],
  "gateway": ["shared"],
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

  it("of cli take the builds alone from scripts, of which check_supabase alone takes from cli", () => {
    const strays = imports.filter(({ from, to }) =>
      isBelow("cli", from) && isBelow("scripts", to) &&
        !/^scripts\/ensure_(widget|inbox|functions)\.mjs$/.test(to) ||
      isBelow("scripts", from) && isBelow("cli", to) && !isBelow("scripts/check_supabase", from)
    );
    expect(strays).toEqual([]);
  });

  it("of kit take types only from client, whose engine every front brings itself", () => {
    const strays = imports
      .filter(({ from, to, typeOnly }) => isBelow("kit", from) && isBelow("client", to) && !typeOnly);
    expect(strays).toEqual([]);
  });

  it.each(["supabase/functions/_shared", "client", "kit", "gateway"])(
    "form no circle between the folders of %s, type imports counted",
    (root) => {
      expect(circleBetweenFolders(root)).toEqual([]);
    },
  );

  it.each(["widget", "inbox"])("never bring zod to a page of the %s", (front) => {
    const reached = new Set(imports.map(({ from }) => from).filter((file) => isBelow(front, file)));
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

/** The folders below `root` that reach each other, as a path that ends where it began; empty if there are none. */
function circleBetweenFolders(root: string): string[] {
  const folderOf = (path: string) => path.slice(root.length + 1).split("/")[0] ?? "";
  const arrows = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    if (!isBelow(root, from) || !isBelow(root, to) || folderOf(from) === folderOf(to)) continue;
    arrows.set(folderOf(from), (arrows.get(folderOf(from)) ?? new Set()).add(folderOf(to)));
  }
  const follow = (path: string[]): string[] => {
    for (const next of arrows.get(path.at(-1) ?? "") ?? []) {
      if (next === path[0]) return [...path, next];
      const circle = path.includes(next) ? [] : follow([...path, next]);
      if (circle.length > 0) return circle;
    }
    return [];
  };
  for (const folder of arrows.keys()) {
    const circle = follow([folder]);
    if (circle.length > 0) return circle;
  }
  return [];
}

describe("functions", () => {
  it(`fit on a screen of ${SCREEN} lines, a factory's closure included`, () => {
    const long = FOLDERS.flatMap(sourceFiles).flatMap((file) =>
      functionsOf(file).filter(({ lines }) => lines > SCREEN).map(({ name }) => `${file}: ${name}`)
    );
    expect(long).toEqual([]);
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

/** Name and length of every function with a body of its own. */
function functionsOf(file: string): { name: string; lines: number }[] {
  const source = readFileSync(join(ROOT, file), "utf8");
  const found: { name: string; lines: number }[] = [];
  const visit = (node: unknown, name: string) => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) return node.forEach((child) => visit(child, name));
    const { type, start, end, id, key, body } = node as Record<string, unknown> & {
      start: number;
      end: number;
    };
    const named = (id ?? key) as { name?: string } | null | undefined;
    const ownName = named?.name ?? name;
    if (String(type).includes("Function") && (body as { type?: string } | null)?.type === "BlockStatement") {
      found.push({ name: ownName, lines: source.slice(start, end).split("\n").length });
    }
    Object.values(node).forEach((child) => visit(child, ownName));
  };
  const lang = file.endsWith(".tsx") ? "tsx" : file.endsWith(".ts") ? "ts" : "js";
  visit(parseAst(source, { lang }), "");
  return found;
}
