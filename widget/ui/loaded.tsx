import { useEffect, useState } from "preact/hooks";
import { PanelContext, usePanel } from "./panel_context.ts";

/** A part of the panel that is loaded when it is first shown. */
interface Part {
  /** The context that this copy of the code looks into. */
  Context: unknown;
  styles?: string;
}

/** `module` is null while it loads, and when that `failed`. */
export interface Loaded<Module> {
  module: Module | null;
  failed: boolean;
  load(): void;
}

/** Loads nothing where there is nothing to get. */
export function useLoaded<Module extends Part>(get?: () => Promise<Module>): Loaded<Module> {
  const { addStyles } = usePanel();
  const [module, setModule] = useState<Module | null>(null);
  const [failed, setFailed] = useState(false);

  async function load() {
    setFailed(false);
    try {
      const module = await get?.();
      if (!module) return;
      // A panel that took two attempts to load has another address than the one that its parts import.
      if (module.Context !== PanelContext) throw new Error("No panel");
      if (module.styles) addStyles(module.styles);
      setModule(module);
    } catch {
      setFailed(true);
    }
  }
  useEffect(() => void load(), []);

  return { module, failed, load: () => void load() };
}
