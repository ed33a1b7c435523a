import { progress } from "./progress.mjs";
import { ScriptError } from "./project.mjs";
import { stampedBuild } from "./stamped_build.mjs";

const functions = stampedBuild({
  name: "functions",
  main: "_heddle/heddle.json",
  inputs: [
    "shared",
    "supabase/functions",
    "scripts/build_functions.mjs",
    "package.json",
    "package-lock.json",
  ],
  async build(outDir) {
    const { buildFunctions } = await import("./build_functions.mjs");
    return await buildFunctions(outDir);
  },
});

/**
 * Builds the edge functions into dist/functions unless nothing has changed since the last build.
 * @param {typeof progress} announce reports a build that takes long
 */
export async function ensureFunctionsBuilt(announce = progress) {
  if (functions.isBuilt()) return;
  await announce("Building the functions", functions.build()).catch((error) => {
    throw new ScriptError(`The functions could not be built.\n${error.message}`);
  });
}

/** Builds the edge functions into dist/functions, and remembers of what. */
export const buildStampedFunctions = functions.build;
