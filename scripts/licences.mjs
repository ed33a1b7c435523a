import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./project.mjs";

/**
 * Names of the packages that a chunk holds.
 * @param {{ moduleIds: string[] }} chunk
 */
export function packagesIn({ moduleIds }) {
  const names = moduleIds.map((id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

/**
 * The licences of Heddle and of these packages, which must travel with every copy. Throws for a package without one.
 * @param {string[]} packages
 */
export function licencesOf(packages) {
  const sources = [...new Set(packages)].sort()
    .map((name) => ({ name, file: licenceFile(join(ROOT, "node_modules", name)) }));
  return [{ name: "Heddle", file: join(ROOT, "LICENSE") }, ...sources]
    .map(({ name, file }) => `${name}\n\n${readFileSync(file, "utf8").trim()}\n`)
    .join("\n---\n\n");
}

/** @param {string} folder */
function licenceFile(folder) {
  const name = readdirSync(folder).find((file) => /^licen[cs]e(\.(md|txt))?$/i.test(file));
  if (name === undefined) throw new Error(`${folder} has no licence.`);
  return join(folder, name);
}
