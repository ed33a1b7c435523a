import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../errors.ts";
import { IS_CHECKOUT } from "../installation/place.ts";
import { OPTIONAL } from "./left_out.ts";
import { type Bundles, FUNCTIONS, linkIn, MANIFEST, type Manifest, sha256, textOf } from "./manifest.ts";
import type { OwnProject } from "./own_project.ts";
import { functionsOf } from "./toml_file.ts";

/** Throws a `CliError` where a project has functions of a later version than these. */
export function refuseLater({ manifest }: Bundles, former: Manifest | null): void {
  if (former === null || !isLater(former.version, manifest.version)) return;
  const update = IS_CHECKOUT ? "update this checkout" : `npm install --save-dev heddle@${former.version}`;
  throw new CliError(
    "conflict",
    `This project has Heddle ${former.version}, and this is ${manifest.version}, which is older: ${update} first. Nothing was written.`,
  );
}

/** Whether a version such as 0.10.0 comes after another. What stands behind a hyphen does not count. */
function isLater(version: string, than: string): boolean {
  const [numbers, others] = [version, than].map((each) => (each.split("-")[0] ?? "").split(".").map(Number));
  const index = numbers?.findIndex((number, index) => number !== others?.[index]) ?? -1;
  return index >= 0 && (numbers?.[index] ?? 0) > (others?.[index] ?? 0);
}

/** Throws a `CliError` for what is not Heddle's in the places where these files would be written. */
export async function refuseForeign(
  project: OwnProject,
  bundles: Bundles,
  former: Manifest | null,
): Promise<void> {
  refuseForeignFolder(project, former);
  const names = Object.keys(bundles.manifest.functions).filter((name) =>
    !(former !== null && name in former.functions)
  );
  const present = names.filter((name) => project.functions.includes(name));
  const isForeign = await Promise.all(present.map(async (name) => !await isOurs(project, bundles, name)));
  const foreign = present.filter((_, index) => isForeign[index]);
  if (foreign.length > 0) throw taken(`${foreign.join(", ")} in ${FUNCTIONS}`, foreign);
  const configured = project.config === null ? [] : functionsOf(project.config, names);
  if (configured.length > 0) {
    throw taken(
      `${configured.map((name) => `[functions.${name}]`).join(", ")} in supabase/config.toml`,
      configured,
    );
  }
  refuseLinkedFiles(project, bundles);
}

function refuseForeignFolder({ folder }: OwnProject, former: Manifest | null): void {
  const path = join(folder, FUNCTIONS, "_heddle");
  if (former !== null || !existsSync(path)) return;
  const [first, ...others] = readdirSync(path).sort();
  const files = [...(first ? [first] : []), ...(others.length > 0 ? [`${others.length} more`] : [])];
  throw new CliError(
    "conflict",
    `${FUNCTIONS}/_heddle is there (${
      files.join(" and ") || "empty"
    }), but not its heddle.json, by which init knows what of it is Heddle's: restore that from your version control, or delete the folder. Nothing was written.`,
  );
}

/** Whether a function's folder holds what would be written there: its heddle.json was lost. */
async function isOurs(project: OwnProject, { files }: Bundles, name: string): Promise<boolean> {
  const path = `${name}/index.ts`;
  const present = await textOf(join(project.folder, FUNCTIONS, path));
  return present !== null && linkIn(project, path) === null &&
    sha256(present) === sha256(files.get(path) ?? "");
}

function refuseLinkedFiles(project: OwnProject, { files }: Bundles): void {
  const found = [...files.keys(), MANIFEST].map((name) => linkIn(project, name));
  const links = [...new Set(found.filter((path) => path !== null))];
  if (links.length === 0) return;
  throw new CliError(
    "conflict",
    `${links.join(", ")}: Heddle writes through no link. Put a folder there first. Nothing was written.`,
  );
}

function taken(what: string, names: string[]): CliError {
  const isOptional = names.every((name) => Object.hasOwn(OPTIONAL, name));
  return new CliError(
    "conflict",
    `Your project has ${what}, not of Heddle's: rename ${names.length === 1 ? "it" : "them"} first${
      isOptional ? `, or leave Heddle's out with --without ${names.join(",")} (docs/init.md)` : ""
    }. Nothing was written.`,
  );
}
