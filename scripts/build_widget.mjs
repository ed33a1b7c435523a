import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { asProduction } from "./as_production.mjs";
import { licencesOf, packagesIn } from "./licences.mjs";

const ROOT = path.resolve(import.meta.dirname, "..");
const WIDGET = path.join(ROOT, "widget");
/** The first browsers that know `light-dark()` and `:has()`, the newest features in use; older syntax would only cost bytes. */
const BROWSERS = ["chrome123", "edge123", "firefox121", "safari17.5"];
/** What a browser must parse to find out that it is too old: that of 2020 and later, with style sheets for those above. */
const LOADER_TARGETS = { target: "es2020", cssTarget: BROWSERS };
/** Constants as words instead of names, texts of style sheets in one piece. */
const SHORTER = { optimization: { inlineConst: true } };
/** Beside the script tag: the licences of Heddle and of the packages in the chunks, which must travel with every copy. */
const LICENCES = "licenses.txt";
/** What an owner's service worker imports. */
const WORKER = "push_worker.js";

/**
 * Builds the script tag (`heddle.js`, an IIFE: it cannot be split) and the ES modules that it loads on demand
 * (`assets/<name>-<hash>.js`, and a second copy of each, `…-2.js`), what an owner's service worker imports (`push_worker.js`), and
 * writes the licences of what is in them to
 * `licenses.txt`. Returns what they weigh.
 * @param {{ outDir: string, further?: import("vite").BuildOptions }} options `further` ones of Vite's, for a build that is examined
 */
export async function buildWidget({ outDir, further = {} }) {
  // Built beside and then moved, so that a failed build leaves the last good one in place.
  const staging = `${outDir}.${process.pid}`;
  try {
    const chunks = await asProduction(() => buildParts(staging, further));
    for (const { fileName } of chunks) writeSecondCopy(path.join(staging, fileName));
    writeFileSync(path.join(staging, LICENCES), licencesOf(chunks.flatMap(packagesIn)));
    rmSync(outDir, { recursive: true, force: true });
    renameSync(staging, outDir);
    return weighWidget(outDir);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** @param {string} outDir @param {import("vite").BuildOptions} further @returns {Promise<OutputChunk[]>} the chunks alone */
async function buildParts(outDir, further) {
  const chunks = await buildChunks(outDir, further);
  const entries = { core: entryOf(chunks, "core"), ui: entryOf(chunks, "ui") };
  const loader = { input: "loader/main.ts", file: "heddle.js", entries, ...LOADER_TARGETS };
  await buildScript(outDir, loader, further);
  await buildScript(outDir, { input: "push/worker.ts", file: WORKER, entries, target: BROWSERS }, further);
  return chunks;
}

/** @typedef {import("vite").Rolldown.OutputChunk} OutputChunk */

/** @param {string} outDir @param {import("vite").BuildOptions} further @returns {Promise<OutputChunk[]>} */
async function buildChunks(outDir, further) {
  const options = shared(outDir, further);
  const result = await build({
    ...options,
    build: {
      ...options.build,
      rolldownOptions: {
        input: {
          core: path.join(WIDGET, "loader/widget/widget.ts"),
          ui: path.join(WIDGET, "loader/panel.ts"),
        },
        preserveEntrySignatures: "allow-extension",
        ...SHORTER,
        output: {
          format: "es",
          entryFileNames: "assets/[name]-[hash:6].js",
          chunkFileNames: "assets/shared-[hash:6].js",
          // After minifying, which would drop it.
          postBanner: noticeOf,
        },
      },
    },
  });
  return [result].flat()
    .flatMap((bundle) => "output" in bundle ? bundle.output : [])
    .filter((output) => output.type === "chunk");
}

/**
 * Points to the licences of the packages that a chunk holds.
 * @param {{ moduleIds: string[] }} chunk
 */
function noticeOf(chunk) {
  const packages = packagesIn(chunk);
  return packages.length > 0 ? `/*! ${packages.join(", ")}: ../${LICENCES} */` : "";
}

/**
 * Beside a chunk: the same under another name, importing the others by their other names. The script tag turns to these
 * copies where a browser remembers that one of the first failed to load.
 * @param {string} file
 */
function writeSecondCopy(file) {
  const code = readFileSync(file, "utf8");
  writeFileSync(file.replace(/\.js$/, "-2.js"), code.replaceAll(/("\.\/[\w-]+)(\.js")/g, "$1-2$2"));
}

/**
 * File of an entry.
 * @param {OutputChunk[]} chunks
 * @param {string} name
 */
function entryOf(chunks, name) {
  const entry = chunks.find((chunk) => chunk.isEntry && chunk.name === name);
  if (!entry) throw new Error(`The build made no chunk "${name}".`);
  return entry.fileName;
}

/**
 * One classic script in one file.
 * @param {string} outDir
 * @param {{ input: string, file: string, entries: { core: string, ui: string }, target: string | string[], cssTarget?: string[] }} script
 * @param {import("vite").BuildOptions} further
 */
async function buildScript(outDir, { input, file, entries: { core, ui }, ...targets }, further) {
  const options = shared(outDir, further);
  await build({
    ...options,
    define: { __HEDDLE_CORE__: JSON.stringify(core), __HEDDLE_UI__: JSON.stringify(ui) },
    build: {
      ...options.build,
      ...targets,
      rolldownOptions: {
        input: path.join(WIDGET, input),
        ...SHORTER,
        output: { format: "iife", entryFileNames: file },
      },
    },
  });
}

/**
 * Of a built widget the bytes of every file but second copies, and in `paths` the gzip bytes that each step of a visit has loaded
 * by then: the script tag, a live badge, a live thread. Chunks that only some visitors come to, such as the detail of a record,
 * are none of these.
 * @param {string} outDir
 */
export function weighWidget(outDir) {
  const files = readdirSync(outDir, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll(path.sep, "/"))
    .filter((file) => file.endsWith(".js"))
    // Without second copies; a hash may end as they do.
    .filter((file, _, all) => !(file.endsWith("-2.js") && all.includes(file.replace(/-2\.js$/, ".js"))))
    .sort()
    .map((file) => {
      const content = readFileSync(path.join(outDir, file));
      return { file, bytes: content.length, gzip: gzipSync(content, { level: 9 }).length };
    });
  const total = (/** @type {string[]} */ ...wanted) =>
    files.filter(({ file }) => wanted.includes(file)).reduce((sum, { gzip }) => sum + gzip, 0);
  const [core, ui] = ["core", "ui"].map((name) => closureOf(outDir, name));
  const paths = {
    loader: total("heddle.js"),
    badge: total("heddle.js", ...core ?? []),
    thread: total("heddle.js", ...core ?? [], ...ui ?? []),
  };
  return { files, paths };
}

/**
 * Files of an entry that the script tag names: its own, then those that it imports, but not those that it may import later.
 * @param {string} outDir
 * @param {string} name
 */
function closureOf(outDir, name) {
  const read = (/** @type {string} */ file) => readFileSync(path.join(outDir, file), "utf8");
  const files = [...read("heddle.js").match(new RegExp(`assets/${name}-[\\w-]+\\.js`)) ?? []];
  if (files.length === 0) throw new Error(`The script tag names no chunk "${name}".`);
  // The list grows while it is walked.
  for (const file of files) {
    const imported = [...read(file).matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map(([, other]) =>
      `assets/${other}`
    );
    files.push(...imported.filter((other) => !files.includes(other)));
  }
  return files;
}

/**
 * @param {string} outDir
 * @param {import("vite").BuildOptions} further
 * @returns {import("vite").InlineConfig & { build: import("vite").BuildOptions }}
 */
function shared(outDir, further) {
  return {
    root: ROOT,
    base: "./",
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: "error",
    plugins: [repeatableImports(), plainElements()],
    oxc: { jsx: { runtime: "classic", pragma: "h", pragmaFrag: "Fragment" } },
    build: {
      outDir,
      emptyOutDir: false,
      target: BROWSERS,
      // 2 % fewer bytes than Vite's own minifier.
      minify: "terser",
      terserOptions: { ecma: 2020, compress: { passes: 5, unsafe_arrows: true, unsafe_methods: true } },
      modulePreload: false,
      reportCompressedSize: false,
      sourcemap: false,
      ...further,
    },
  };
}

/**
 * Loads what a chunk imports on demand. Browsers may remember a module that failed to load, so after a failure such
 * modules have another address; those that were there already, which keep nothing, are loaded once more. Stands in the
 * place of Vite's helper, which preloads what the module imports, styles among them: more than a kilobyte for every
 * visitor, and no chunk of ours has any.
 */
const LOAD_CHUNK = `
let ending = "";
export const __vitePreload = (path) =>
  import(/* @vite-ignore */ path + ending).catch((error) => {
    ending += "?";
    throw error;
  });
`;

/** @returns {import("vite").Plugin} */
function repeatableImports() {
  return {
    name: "repeatable-imports",
    enforce: "pre",
    load: (id) => id.endsWith("vite/preload-helper.js") ? LOAD_CHUNK : null,
    /** All chunks lie in one folder, so that from each of them the others have the same relative address. */
    renderChunk: (code) =>
      code
        .replaceAll(/__vitePreload\((?=(?:async )?\(\) =>)/g, "(")
        .replaceAll(", __VITE_PRELOAD__, import.meta.url)", ")()")
        .replaceAll(/\bimport\(("\.\/[^"]+")\)/g, "__vitePreload($1)"),
  };
}

/**
 * Has JSX call Preact's `h`, which is part of its core. What the automatic runtime calls would be loaded in addition,
 * and takes more words: children as a property, in an array.
 * @returns {import("vite").Plugin}
 */
function plainElements() {
  return {
    name: "plain-elements",
    enforce: "pre",
    transform: (code, id) => id.endsWith(".tsx") ? `import { Fragment, h } from "preact";${code}` : null,
  };
}
