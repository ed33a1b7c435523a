import { readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { trimRealtime } from "./realtime_trim.mjs";

const ROOT = path.resolve(import.meta.dirname, "..");
const WIDGET = path.join(ROOT, "widget");
/** The first browsers that know `light-dark()`, the newest feature in use; older syntax would only cost bytes. */
const BROWSERS = ["chrome123", "edge123", "firefox120", "safari17.5"];

/** @typedef {{ file: string, bytes: number, gzip: number }} BuiltFile */

/**
 * Builds the script tag (`heddle.js`, an IIFE: it cannot be split) and the ES modules that it loads on demand
 * (`assets/<name>-<hash>.js`). Returns every file with its size.
 * @param {{ outDir: string }} options
 * @returns {Promise<BuiltFile[]>}
 */
export async function buildWidget({ outDir }) {
  rmSync(outDir, { recursive: true, force: true });
  const chunks = await buildChunks(outDir);
  await buildLoader(outDir, chunks);
  return readdirSync(outDir, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".js"))
    .sort()
    .map((file) => {
      const content = readFileSync(path.join(outDir, file));
      return { file, bytes: content.length, gzip: gzipSync(content, { level: 9 }).length };
    });
}

/** What each step of a visit has loaded by then, in gzip bytes. */
export function pathSizes(/** @type {BuiltFile[]} */ files) {
  const total = (/** @type {(name: string) => boolean} */ wanted) =>
    files.filter(({ file }) => wanted(path.basename(file))).reduce((sum, { gzip }) => sum + gzip, 0);
  return {
    loader: total((name) => name === "heddle.js"),
    badge: total((name) => !name.startsWith("ui-")),
    everything: total(() => true),
  };
}

/** @param {string} outDir */
async function buildChunks(outDir) {
  const result = await build({
    ...shared(outDir),
    plugins: [trimRealtime()],
    build: {
      ...shared(outDir).build,
      rolldownOptions: {
        input: { core: path.join(WIDGET, "loader/widget/widget.ts"), ui: path.join(WIDGET, "ui/main.tsx") },
        preserveEntrySignatures: "strict",
        output: {
          format: "es",
          entryFileNames: "assets/[name]-[hash].js",
          chunkFileNames: "assets/[name]-[hash].js",
        },
      },
    },
  });
  const outputs = [result].flat().flatMap((bundle) => "output" in bundle ? bundle.output : []);
  const fileOf = (/** @type {string} */ name) => {
    const chunk = outputs.find((output) => output.type === "chunk" && output.isEntry && output.name === name);
    if (!chunk) throw new Error(`The build made no chunk "${name}".`);
    return chunk.fileName;
  };
  return { core: fileOf("core"), ui: fileOf("ui") };
}

/** @param {string} outDir @param {{ core: string, ui: string }} chunks */
async function buildLoader(outDir, chunks) {
  await build({
    ...shared(outDir),
    define: { __HEDDLE_CHUNKS__: JSON.stringify(chunks) },
    build: {
      ...shared(outDir).build,
      rolldownOptions: {
        input: path.join(WIDGET, "loader/main.ts"),
        output: { format: "iife", entryFileNames: "heddle.js" },
      },
    },
  });
}

/** @param {string} outDir @returns {import("vite").InlineConfig & { build: import("vite").BuildOptions }} */
function shared(outDir) {
  return {
    root: ROOT,
    base: "./",
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: "error",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    build: {
      outDir,
      emptyOutDir: false,
      target: BROWSERS,
      modulePreload: false,
      reportCompressedSize: false,
      sourcemap: false,
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = await buildWidget({ outDir: path.join(ROOT, "dist/widget") });
  for (const { file, bytes, gzip } of files) {
    console.log(`${file.padEnd(36)} ${kilobytes(bytes)} min  ${kilobytes(gzip)} gzip`);
  }
  const { loader, badge, everything } = pathSizes(files);
  console.log(
    `script tag ${kilobytes(loader)}, live badge ${kilobytes(badge)}, everything ${kilobytes(everything)}`,
  );
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1).padStart(6)} kB`;
}
