import { keptWords } from "../../../kit/strings/kept.ts";
import { useText } from "../../../kit/text/text_context.ts";

/** The words of what only conversations that Heddle keeps have: those of English come with its code. */
export function useWords(): typeof keptWords {
  return useText().strings.kept ?? keptWords;
}
