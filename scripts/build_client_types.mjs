import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./project.mjs";

/** As tsconfig.json has them for the sources. */
const OPTIONS = [
  "--ignoreConfig",
  ...["--declaration", "--emitDeclarationOnly", "--allowImportingTsExtensions", "--strict", "--skipLibCheck"],
  ...["--target", "ES2023", "--lib", "ES2023,ES2024.String,DOM", "--types", "node"],
  ...["--module", "ESNext", "--moduleResolution", "bundler"],
];

/**
 * Writes the types of `heddle/client` and of all that they name into a folder, which has the paths of the sources then.
 * @param {string} outDir
 */
export function buildClientTypes(outDir) {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const args = [tsc, ...OPTIONS, "--rootDir", ROOT, "--outDir", outDir, "client/events/subscribe.ts"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`The types of heddle/client could not be made.\n${stdout}${stderr}`);
  for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    // What they import is JavaScript where they go, by its name.
    writeFileSync(
      file,
      readFileSync(file, "utf8").replaceAll(/(\bfrom "\.[^"]*|\bimport\("\.[^"]*)\.ts"/g, '$1.js"'),
    );
  }
}
