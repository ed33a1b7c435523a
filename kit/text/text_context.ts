import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Strings } from "../strings/en.ts";
import type { Formats } from "./format.ts";
import type { Problem } from "../../client/http/problem.ts";

/** The words and number formats of the reader's language. */
export interface Text {
  strings: Strings;
  formats: Formats;
  /** BCP 47, of the formats; English without. */
  locale?: string;
}

export const TextContext = createContext<Text | null>(null);

export function useText(): Text {
  const text = useContext(TextContext);
  if (!text) throw new Error("No text");
  return text;
}

/** What a visitor is told: words of the catalogue, or the owner's own where the owner refused. */
export function problemText({ code, message }: Problem, { problems }: Strings): string {
  if (code === "source_rejected") return message;
  return Object.hasOwn(problems, code) ? problems[code as keyof typeof problems] : problems.other;
}
