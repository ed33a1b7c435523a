import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { asProduction } from "./as_production.mjs";
import { headersFile } from "./inbox_headers.mjs";

const ROOT = path.resolve(import.meta.dirname, "..");
/** As the widget's: the first browsers that know `light-dark()`. */
const BROWSERS = ["chrome123", "edge123", "firefox121", "safari17.5"];

/**
 * Builds the operators' app: a page, its assets, and no `config.json`, which whoever serves it writes beside it. Returns the
 * gzip bytes of all its JavaScript.
 * @param {{ outDir: string }} options
 */
export async function buildInbox({ outDir }) {
  // Built beside and then moved, so that a failed build leaves the last good one in place.
  const staging = `${outDir}.${process.pid}`;
  try {
    await asProduction(() => build(optionsFor(staging)));
    writeFileSync(path.join(staging, "_headers"), headersFile());
    rmSync(outDir, { recursive: true, force: true });
    renameSync(staging, outDir);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return { gzip: weighInbox(outDir).all };
}

/** @param {string} outDir @returns {import("vite").InlineConfig} */
function optionsFor(outDir) {
  return {
    root: path.join(ROOT, "inbox"),
    base: "./",
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: "error",
    mode: "production",
    plugins: [repeatableImports()],
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir,
      emptyOutDir: true,
      target: BROWSERS,
      modulePreload: false,
      reportCompressedSize: false,
      sourcemap: false,
      rollupOptions: {
        input: {
          index: path.join(ROOT, "inbox/index.html"),
          push_worker: path.join(ROOT, "inbox/push_worker.ts"),
        },
        // A service worker keeps its name, and reaches what is below its folder.
        output: {
          entryFileNames: ({ name }) => name === "push_worker" ? "[name].js" : "assets/[name]-[hash].js",
          codeSplitting: { groups: [{ name: firstChunk() }] },
        },
      },
    },
  };
}

/**
 * What the page needs before it shows anything is one chunk, however many parts that are loaded on demand need some of it as well.
 * @returns {(id: string, context: { getModuleInfo(id: string): { importedIds: readonly string[] } | null }) => string | null}
 */
function firstChunk() {
  /** @type {Set<string> | null} */
  let first = null;
  return (id, modules) => {
    if (!first) {
      first = new Set([path.join(ROOT, "inbox/ui/main.tsx")]);
      for (const each of first) {
        for (const imported of modules.getModuleInfo(each)?.importedIds ?? []) first.add(imported);
      }
    }
    return first.has(id) ? "index" : null;
  };
}

/** In place of Vite's helper, which never asks again for a style sheet that failed to load. */
const LOAD_PART = `
const asked = new Map();
const loadSheet = (href) => new Promise((resolve, reject) => {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  link.onload = resolve;
  link.onerror = () => {
    asked.delete(href);
    link.remove();
    reject(new Error("A style sheet did not load."));
  };
  document.head.append(link);
});
export const __vitePreload = async (load, files = [], base) => {
  const sheets = files.filter((file) => file.endsWith(".css")).map((file) => new URL(file, base).href);
  for (const href of sheets) if (!asked.has(href)) asked.set(href, loadSheet(href));
  await Promise.all(sheets.map((href) => asked.get(href)));
  return await load();
};
`;

/**
 * Browsers may remember a module that failed to load: after a failure what is imported on demand has another address.
 * @returns {import("vite").Plugin}
 */
function repeatableImports() {
  return {
    name: "repeatable-imports",
    enforce: "pre",
    load: (id) => id.endsWith("vite/preload-helper.js") ? LOAD_PART : null,
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        for (const output of Object.values(bundle)) {
          if (output.type !== "chunk") continue;
          output.code = output.code.replaceAll(/\bimport\((["'`]\.\/[^"'`]+["'`])\)/g, repeatably);
        }
      },
    },
  };
}

/** @param {string} _ @param {string} file In quotation marks. */
const repeatably = (_, file) =>
  `import(${file}+(self.heddleTries??="")).catch(e=>{self.heddleTries+="?";throw e})`;

/**
 * Gzip bytes of the JavaScript of a built inbox: all of it, and what a page loads before it shows anything, which is what its
 * document names and what that imports, but for what is imported on demand.
 * @param {string} outDir
 * @returns {{ all: number, first: number }}
 */
export function weighInbox(outDir) {
  const files = readdirSync(outDir, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".js")
  );
  const document = readFileSync(path.join(outDir, "index.html"), "utf8");
  const first = new Set(Array.from(document.matchAll(/src="\.\/([^"]+\.js)"/g), ([, file = ""]) => file));
  for (const file of first) {
    const text = readFileSync(path.join(outDir, file), "utf8");
    for (const [, imported = ""] of text.matchAll(/(?:import|from)\s*"(\.[^"]+)"/g)) {
      first.add(path.posix.join(path.posix.dirname(file), imported));
    }
  }
  return { all: weigh(outDir, files), first: weigh(outDir, [...first]) };
}

/**
 * @param {string} dir
 * @param {string[]} files
 */
function weigh(dir, files) {
  return files.reduce(
    (sum, file) => sum + gzipSync(readFileSync(path.join(dir, file)), { level: 9 }).length,
    0,
  );
}
