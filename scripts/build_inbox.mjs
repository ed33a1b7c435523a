import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
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
    await build({
      root: path.join(ROOT, "inbox"),
      base: "./",
      configFile: false,
      envFile: false,
      publicDir: false,
      logLevel: "error",
      mode: "production",
      oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
      build: {
        outDir: staging,
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
          },
        },
      },
    });
    writeFileSync(path.join(staging, "_headers"), headersFile());
    rmSync(outDir, { recursive: true, force: true });
    renameSync(staging, outDir);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return { gzip: weighInbox(outDir).all };
}

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
