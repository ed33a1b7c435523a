import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./project.mjs";

/** Licences under which nothing has to be told. */
const PUBLIC_DOMAIN = ["Unlicense", "0BSD", "CC0-1.0"];

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
    .map((name) => ({ name, text: licenceIn(join(ROOT, "node_modules", name)) }));
  return [{ name: "Heddle", text: readFileSync(join(ROOT, "LICENSE"), "utf8") }, ...sources]
    .map(({ name, text }) => `${name}\n\n${text.trim()}\n`)
    .join("\n---\n\n");
}

/** @param {string} folder */
function licenceIn(folder) {
  const file = readdirSync(folder).find((file) => /^licen[cs]e(-\w+)?(\.(md|txt))?$/i.test(file));
  if (file !== undefined) return readFileSync(join(folder, file), "utf8");
  const { license, author, repository } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (PUBLIC_DOMAIN.includes(license)) return `In the public domain (${license}).`;
  // Some say so and bring no text: whose it is, and the same terms as Heddle's own.
  if (license === "MIT" && typeof author === "string") {
    return `Copyright (c) ${author}, ${repository}\n\n${mitTerms()}`;
  }
  throw new Error(`${folder} has no licence.`);
}

function mitTerms() {
  const text = readFileSync(join(ROOT, "LICENSE"), "utf8");
  return text.slice(text.indexOf("Permission is hereby granted"));
}
