import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { IS_CHECKOUT, ROOT } from "./project.mjs";

/**
 * A build into a folder below dist/ that is repeated only when its inputs have changed.
 * @template Built
 * @param {{ name: string, main: string, inputs: string[], build: (outDir: string) => Promise<Built> }} options `main` is a file that
 * it makes, `inputs` are files and folders of the project
 */
export function stampedBuild({ name, main, inputs, build }) {
  const outDir = join(ROOT, "dist", name);
  const stamp = join(ROOT, "dist", `${name}-inputs`);
  const digest = () => digestOf(inputs.flatMap((path) => filesBelow(path)));
  return {
    outDir,
    /** Whether the folder is what the checkout's sources make. */
    isBuilt: () =>
      !IS_CHECKOUT ||
      existsSync(stamp) && existsSync(join(outDir, main)) && readFileSync(stamp, "utf8") === digest(),
    /** Builds, and remembers of what. */
    async build() {
      const stamped = digest();
      const built = await build(outDir);
      writeFileSync(stamp, stamped);
      return built;
    },
  };
}

/**
 * @param {string} path relative to the project
 * @returns {string[]}
 */
function filesBelow(path) {
  const entries = path.includes(".") ? null : readdirSync(join(ROOT, path), { withFileTypes: true });
  if (!entries) return [path];
  return entries.flatMap((entry) => {
    const child = join(path, entry.name);
    return entry.isDirectory() ? filesBelow(child) : [child];
  });
}

/** @param {string[]} files */
function digestOf(files) {
  const hash = createHash("sha256");
  for (const file of files.sort()) hash.update(file).update("\0").update(readFileSync(join(ROOT, file)));
  return hash.digest("hex");
}
