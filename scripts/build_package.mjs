import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { buildClientTypes } from "./build_client_types.mjs";
import { licencesOf, packagesIn } from "./licences.mjs";
import { ROOT } from "./project.mjs";

const OUT = join(ROOT, "dist/package");
const SHEBANG = "#!/usr/bin/env node\n";

/** Folders that a project gets something of, and under which names the `heddle` command finds them in the package. */
const ARCHIVES = {
  functions: "dist/functions",
  inbox: "dist/inbox",
  widget: "dist/widget",
  migrations: "supabase/migrations",
};

/**
 * Makes what the npm package holds, in dist/package, out of the builds in dist/: the `heddle` command for plain Node with what it
 * needs of npm, and all that it puts into a project, compressed. Returns the bytes of each file.
 * @returns {Promise<Map<string, number>>}
 */
export async function buildPackage() {
  rmSync(OUT, { recursive: true, force: true });
  const chunks = await bundle({ heddle: "cli/main.ts", client: "client/events/subscribe.ts" });
  writeFileSync(join(OUT, "licenses.txt"), licencesOf(chunks.flatMap(packagesIn)));
  for (const [name, folder] of Object.entries(ARCHIVES)) {
    writeFileSync(join(OUT, `${name}.json.gz`), archiveOf(join(ROOT, folder)));
  }
  buildClientTypes(join(OUT, "types"));
  const files = readdirSync(OUT, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map(({ name }) => [name, readFileSync(join(OUT, name)).length]));
}

/** @param {Record<string, string>} entries */
async function bundle(entries) {
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
      target: "node20",
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, join(ROOT, file)])),
        // What builds in a checkout, and what ws would use if it were there.
        external: [/\/scripts\/ensure_\w+\.mjs$/, "bufferutil", "utf-8-validate"],
        output: {
          banner: ({ name }) => name === "heddle" ? SHEBANG : "",
          entryFileNames: "[name].mjs",
          chunkFileNames: "[name].mjs",
        },
      },
    },
  });
  if (!("output" in built)) throw new Error("one build was asked for");
  return built.output.filter((part) => part.type === "chunk");
}

/**
 * A folder's files as JSON, by their paths, compressed. Throws for a file that is no text.
 * @param {string} folder
 */
function archiveOf(folder) {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const texts = paths.map((path) => [
    path.slice(folder.length + 1).replaceAll("\\", "/"),
    decoder.decode(readFileSync(path)),
  ]);
  return gzipSync(JSON.stringify(Object.fromEntries(texts)), { level: 9 });
}
