import type { ReadonlySignal } from "@preact/signals-core";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Core } from "../core/types.ts";
import type { Navigation } from "./navigation.ts";
import type { Strings } from "./strings/en.ts";
import type { Formats } from "./text/format.ts";

/** What every component may need. */
export interface Face {
  core: Core;
  navigation: Navigation;
  strings: Strings;
  formats: Formats;
  /** The panel is open. */
  visible: ReadonlySignal<boolean>;
  close(): void;
}

export const FaceContext = createContext<Face | null>(null);

export function useFace(): Face {
  const face = useContext(FaceContext);
  if (!face) throw new Error("A component of the panel is rendered outside of it.");
  return face;
}
