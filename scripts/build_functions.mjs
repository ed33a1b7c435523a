import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "vite";
import { licencesOf, packagesIn } from "./licences.mjs";
import { ROOT } from "./project.mjs";

const SOURCES = join(ROOT, "supabase/functions");
const FOLDER = "_heddle";

/**
 * What Deno gives to packages from npm, and not to the JavaScript of a project.
 * @type {Record<string, string | [string, string]>}
 */
const GLOBALS = {
  Buffer: ["node:buffer", "Buffer"],
  process: "node:process",
  setImmediate: ["node:timers", "setImmediate"],
  clearImmediate: ["node:timers", "clearImmediate"],
};

/** @type {import("vite").Plugin} */
const FOR_DENO = {
  name: "heddle-for-deno",
  // Deno knows what the bundler itself takes from Node by this name alone.
  renderChunk: (code) => code.replace(/^(import \{ createRequire \} from )"module";$/m, '$1"node:module";'),
};

/** Packages for mails apart from the others: a function's start takes as long as what it imports is. */
const CHUNKS = [
  { name: "packages_mail", test: /node_modules[\\/](nodemailer|postal-mime)[\\/]/, priority: 2 },
  { name: "packages", test: /node_modules[\\/]/, priority: 1 },
  { name: "heddle", minShareCount: 2 },
];

/**
 * Builds the edge functions as a project's `supabase/functions` takes them: readable JavaScript in `_heddle`, one file for
 * each function, `heddle.js` with what several of them share, and their packages, so that nothing is fetched; beside them
 * for each function an `index.ts` that hands on what is there. `_heddle/licenses.txt` goes with the packages.
 * `_heddle/heddle.json` holds the version, the files that each function needs, and the SHA-256 of each file with LF, by which
 * a later version knows what its owner has changed.
 * @param {string} outDir
 */
export async function buildFunctions(outDir) {
  const names = readdirSync(SOURCES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^[a-z]/.test(entry.name)).map(({ name }) => name).sort();
  rmSync(outDir, { recursive: true, force: true });
  const chunks = await bundle(names);
  const files = new Map(chunks.map(({ fileName, code }) => [`${FOLDER}/${fileName}`, code]));
  files.set(`${FOLDER}/licenses.txt`, licencesOf(chunks.flatMap(packagesIn)));
  for (const name of names) {
    files.set(
      `${name}/index.ts`,
      `// Heddle's own: what it does stands in ../${FOLDER}/${name}.js.\nexport { default } from "../${FOLDER}/${name}.js";\n`,
    );
    files.set(`${name}/deno.json`, '{ "imports": {} }\n');
  }
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const manifest = {
    version,
    functions: Object.fromEntries(names.map((name) => [
      name,
      [
        `${name}/deno.json`,
        `${name}/index.ts`,
        ...withImports(`${name}.js`, chunks).map((file) => `${FOLDER}/${file}`),
      ],
    ])),
    files: Object.fromEntries([...files].sort().map(([file, text]) => [file, sha256(text)])),
  };
  files.set(`${FOLDER}/heddle.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  for (const [file, text] of files) {
    mkdirSync(dirname(join(outDir, file)), { recursive: true });
    writeFileSync(join(outDir, file), text);
  }
  return { files };
}

/** @typedef {{ fileName: string, code: string, imports: string[], moduleIds: string[] }} Chunk */

/**
 * @param {string[]} names
 * @returns {Promise<Chunk[]>}
 */
async function bundle(names) {
  const built = await build({
    root: ROOT,
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: "error",
    mode: "production",
    ssr: { noExternal: true, target: "node" },
    plugins: [FOR_DENO],
    build: {
      ssr: true,
      write: false,
      target: "es2023",
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(names.map((name) => [name, join(SOURCES, name, "index.ts")])),
        transform: { inject: GLOBALS, define: { global: "globalThis" } },
        output: {
          entryFileNames: "[name].js",
          chunkFileNames: "[name].js",
          minifyInternalExports: false,
          codeSplitting: { groups: CHUNKS },
        },
      },
    },
  });
  if (!("output" in built)) throw new Error("one build was asked for");
  return built.output.filter((part) => part.type === "chunk");
}

/**
 * A chunk and all that it imports of the others.
 * @param {string} entry
 * @param {Chunk[]} chunks
 */
function withImports(entry, chunks) {
  const found = new Set([entry]);
  for (const file of found) {
    for (const each of chunks.find(({ fileName }) => fileName === file)?.imports ?? []) {
      if (chunks.some(({ fileName }) => fileName === each)) found.add(each);
    }
  }
  return [...found].sort();
}

/** @param {string} text */
function sha256(text) {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}
