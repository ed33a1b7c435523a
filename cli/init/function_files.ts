import { join } from "node:path";
import {
  type Bundles,
  FUNCTIONS,
  linkIn,
  MANIFEST,
  type Manifest,
  manifestIn,
  manifestText,
  sha256,
  textOf,
} from "./manifest.ts";
import { refuseForeign, refuseLater } from "./obstacles.ts";
import type { OwnProject } from "./own_project.ts";

/** A file of ours that its owner has edited, or put behind a link: it is left as it is. */
export interface EditedFile {
  path: string;
  /** What this version has in its place: what was edited, something else, or nothing. */
  ours: "same" | "another" | "none";
}

/** What is to be done with the files of a project's functions. Paths are relative to the project's folder. */
export interface FunctionPlan {
  write: { path: string; text: string; isNew: boolean }[];
  /** Those of an earlier version that this one has not got. */
  remove: string[];
  edited: EditedFile[];
}

/**
 * What brings a project's functions to these bundles. Throws a `CliError`, before anything was written, for functions of the
 * owner's with the name of one of ours, for a later version's, and for links in the way.
 */
export async function functionPlan(project: OwnProject, bundles: Bundles): Promise<FunctionPlan> {
  const { manifest, files } = bundles;
  const former = await manifestIn(project);
  refuseLater(bundles, former);
  await refuseForeign(project, bundles, former);
  const plan: FunctionPlan = { write: [], remove: [], edited: [] };
  for (const [name, text] of files) {
    const path = `${FUNCTIONS}/${name}`;
    const present = await textOf(join(project.folder, path));
    if (present !== null && sha256(present) === sha256(text)) continue;
    if (present === null || isUntouched(name, present, former)) {
      plan.write.push({ path, text, isNew: present === null });
    } else {
      plan.edited.push({ path, ours: former?.files[name] === manifest.files[name] ? "same" : "another" });
    }
  }
  const gone = Object.keys(former?.files ?? {}).filter((name) => !files.has(name));
  await sortOut(project, gone, former, plan);
  const left = leftOf(former, plan);
  await writeManifest(project, {
    ...manifest,
    functions: { ...left.functions, ...manifest.functions },
    files: { ...manifest.files, ...left.files },
  }, plan);
  return plan;
}

/** What takes a project's functions out again, and their names. What is left is remembered. */
export async function removalPlan(project: OwnProject): Promise<FunctionPlan & { names: string[] }> {
  const former = await manifestIn(project);
  const plan: FunctionPlan = { write: [], remove: [], edited: [] };
  if (former === null) return { ...plan, names: [] };
  await sortOut(project, Object.keys(former.files), former, plan);
  const left = leftOf(former, plan);
  if (linkIn(project, MANIFEST) !== null) {
    plan.edited.push({ path: `${FUNCTIONS}/${MANIFEST}`, ours: "none" });
  } else if (plan.edited.length > 0) {
    await writeManifest(project, { version: former.version, ...left }, plan);
  } else {
    plan.remove.push(`${FUNCTIONS}/${MANIFEST}`);
  }
  return { ...plan, names: Object.keys(former.functions) };
}

async function sortOut(project: OwnProject, names: string[], former: Manifest | null, plan: FunctionPlan) {
  for (const name of names) {
    const path = `${FUNCTIONS}/${name}`;
    const present = await textOf(join(project.folder, path));
    if (present === null) continue;
    const isOurs = isUntouched(name, present, former) && linkIn(project, name) === null;
    if (isOurs) plan.remove.push(path);
    else plan.edited.push({ path, ours: "none" });
  }
}

/** Of the manifest before, what was edited: by it the next call knows that these files were ours. */
function leftOf(former: Manifest | null, { edited }: FunctionPlan): Pick<Manifest, "functions" | "files"> {
  const paths = new Set(edited.map(({ path }) => path));
  const files = Object.entries(former?.files ?? {}).filter(([name]) => paths.has(`${FUNCTIONS}/${name}`));
  const folders = new Set(files.map(([name]) => name.split("/")[0]));
  const functions = Object.entries(former?.functions ?? {}).filter(([name]) => folders.has(name));
  return { functions: Object.fromEntries(functions), files: Object.fromEntries(files) };
}

async function writeManifest(project: OwnProject, manifest: Manifest, plan: FunctionPlan): Promise<void> {
  const path = `${FUNCTIONS}/${MANIFEST}`;
  const text = manifestText(manifest);
  const present = await textOf(join(project.folder, path));
  if (present !== null && sha256(present) === sha256(text)) return;
  plan.write.push({ path, text, isNew: present === null });
}

function isUntouched(name: string, text: string, former: Manifest | null): boolean {
  return former?.files[name] === sha256(text);
}
