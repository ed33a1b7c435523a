import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { progress } from "./progress.mjs";
import { ROOT, ScriptError } from "./project.mjs";

const OUT_DIR = join(ROOT, "dist/widget");
const STAMP = join(ROOT, "dist/widget-inputs");
const INPUTS = ["client", "kit", "shared", "widget", "scripts/build_widget.mjs", "package-lock.json"];

/**
 * Builds the widget into dist/widget unless nothing has changed since the last build.
 * @param {typeof progress} announce reports a build that takes long
 */
export async function ensureWidgetBuilt(announce = progress) {
  if (isWidgetBuilt()) return;
  await announce("Building the widget", buildStampedWidget()).catch((error) => {
    throw new ScriptError(`The widget could not be built.\n${error.message}`);
  });
}

/** Builds the widget into dist/widget, and remembers of what. */
export async function buildStampedWidget() {
  const inputs = digestOfInputs();
  const { buildWidget } = await import("./build_widget.mjs");
  const built = await buildWidget({ outDir: OUT_DIR });
  writeFileSync(STAMP, inputs);
  return built;
}

/** Whether dist/widget is what the checkout's sources make. */
export function isWidgetBuilt() {
  return existsSync(STAMP) && existsSync(join(OUT_DIR, "heddle.js")) &&
    readFileSync(STAMP, "utf8") === digestOfInputs();
}

function digestOfInputs() {
  return digestOf(INPUTS.flatMap((path) => filesBelow(path)));
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
