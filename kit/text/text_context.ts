import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Strings } from "../strings/en.ts";
import type { Formats } from "./format.ts";

/** The words and number formats of the reader's language. */
export interface Text {
  strings: Strings;
  formats: Formats;
}

export const TextContext = createContext<Text | null>(null);

export function useText(): Text {
  const text = useContext(TextContext);
  if (!text) throw new Error("A component is rendered outside of a TextContext.");
  return text;
}
