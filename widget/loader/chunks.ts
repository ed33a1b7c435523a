import type { createCore } from "../core/core.ts";
import type { mountPanel } from "../ui/main.tsx";

/** Paths of the built chunks, relative to the script; filled in by the build. */
declare const __HEDDLE_CHUNKS__: { core: string; ui: string };

export interface Chunks {
  core(): Promise<{ createCore: typeof createCore }>;
  ui(): Promise<{ mountPanel: typeof mountPanel }>;
}

/** Loads the parts of the widget that are not in the script tag, each of them once. */
export function createChunks(scriptUrl: string): Chunks {
  const load = <Module>(path: string) => {
    let attempts = 0;
    let pending: Promise<Module> | undefined;
    return () =>
      pending ??= importModule<Module>(attempts ? `${path}?${attempts}` : path).catch((error) => {
        // Browsers may remember a module that failed to load, so the next attempt has another address.
        attempts++;
        pending = undefined;
        throw error;
      });
  };
  const importModule = <Module>(path: string): Promise<Module> =>
    import(/* @vite-ignore */ new URL(path, scriptUrl).href);
  return { core: load(__HEDDLE_CHUNKS__.core), ui: load(__HEDDLE_CHUNKS__.ui) };
}
