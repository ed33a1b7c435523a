import { progress } from "./progress.mjs";
import { ScriptError } from "./project.mjs";
import { stampedBuild } from "./stamped_build.mjs";

const widget = stampedBuild({
  name: "widget",
  main: "heddle.js",
  inputs: ["client", "kit", "shared", "widget", "scripts/build_widget.mjs", "package-lock.json"],
  async build(outDir) {
    const { buildWidget } = await import("./build_widget.mjs");
    return await buildWidget({ outDir });
  },
});

/**
 * Builds the widget into dist/widget unless nothing has changed since the last build.
 * @param {typeof progress} announce reports a build that takes long
 */
export async function ensureWidgetBuilt(announce = progress) {
  if (widget.isBuilt()) return;
  await announce("Building the widget", widget.build()).catch((error) => {
    throw new ScriptError(`The widget could not be built.\n${error.message}`);
  });
}

/** Builds the widget into dist/widget, and remembers of what. */
export const buildStampedWidget = widget.build;

/** Whether dist/widget is what the checkout's sources make. */
export const isWidgetBuilt = widget.isBuilt;
