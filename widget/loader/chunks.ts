import type { mountPanel } from "../ui/main.tsx";
import type { createWidget } from "./widget/widget.ts";

/** Paths of the built chunks, relative to the script; filled in by the build. */
declare const __HEDDLE_CORE__: string;
declare const __HEDDLE_UI__: string;

/** The parts of the widget that are not in the script tag. Each is loaded once; a failed load can be repeated. */
export interface Chunks {
  /** Everything without a panel: session, badge, commands. */
  core(): Promise<{ createWidget: typeof createWidget }>;
  ui(): Promise<{ mountPanel: typeof mountPanel }>;
}

/**
 * Browsers may remember a module that failed to load, and then never load what imports it. So after a failure all that is
 * loaded comes from the build's second copy, whose files import each other by names of their own.
 */
export function createChunks(scriptUrl: string): Chunks {
  let ending = ".js";
  const load = <Module>(path: string) => {
    let pending: Promise<Module> | undefined;
    return () => {
      const tried = ending;
      return pending ??= import(/* @vite-ignore */ new URL(path.replace(".js", tried), scriptUrl).href).catch(
        (error) => {
          ending = tried === ".js" ? "-2.js" : `${tried}?`;
          pending = undefined;
          throw error;
        },
      );
    };
  };
  return { core: load(__HEDDLE_CORE__), ui: load(__HEDDLE_UI__) };
}
