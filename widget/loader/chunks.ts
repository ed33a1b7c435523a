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

export function createChunks(scriptUrl: string): Chunks {
  const load = <Module>(path: string) => {
    let failures = 0;
    let pending: Promise<Module> | undefined;
    return () =>
      pending ??= import(/* @vite-ignore */ new URL(path + "?".repeat(failures), scriptUrl).href)
        .catch((error) => {
          // Browsers may remember a module that failed to load, so the next attempt has another address.
          failures++;
          pending = undefined;
          throw error;
        });
  };
  return { core: load(__HEDDLE_CORE__), ui: load(__HEDDLE_UI__) };
}
