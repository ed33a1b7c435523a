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
  return { gzip: weighInbox(outDir) };
}

/**
 * Gzip bytes of all JavaScript of a built inbox.
 * @param {string} outDir
 */
export function weighInbox(outDir) {
  return readdirSync(outDir, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".js"))
    .map((file) => gzipSync(readFileSync(path.join(outDir, file)), { level: 9 }).length)
    .reduce((sum, bytes) => sum + bytes, 0);
}
