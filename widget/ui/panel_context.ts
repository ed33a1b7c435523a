import type { ReadonlySignal } from "../../client/platform/emitter.ts";
import { createContext } from "preact";
import { useContext, useLayoutEffect, useState } from "preact/hooks";
import type { Core } from "../core/core.ts";
import type { PanelOptions } from "./main.tsx";
import type { Navigation } from "./navigation.ts";

/** What the panel's screens need beside the text (`useText`). */
export interface PanelContext {
  core: Core;
  navigation: Navigation;
  /** The panel is open. */
  visible: ReadonlySignal<boolean>;
  close(): void;
  addStyles(css: string): void;
  /** The page's choices. */
  options: PanelOptions;
}

export const PanelContext = createContext<PanelContext | null>(null);

export function usePanel(): PanelContext {
  const panel = useContext(PanelContext);
  if (!panel) throw new Error("No panel");
  return panel;
}

/** True while the connection has been away for a while. Draws nothing again while it only connects. */
export function useOffline(): boolean {
  const { live } = usePanel().core;
  const [offline, setOffline] = useState(live.value === "offline");
  useLayoutEffect(() => live.subscribe((state) => setOffline(state === "offline")), [live]);
  return offline;
}
