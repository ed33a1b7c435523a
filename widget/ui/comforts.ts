import type { Core } from "../core/core.ts";
import { keepFocus } from "../../kit/components/keep_focus.ts";
import type { Strings } from "../../kit/strings/en.ts";
import { easeLongTexts } from "../../kit/components/long_texts.ts";
import { catchFiles } from "./dropped_files.ts";

/** What the panel can be used without, and gets once it is filled. */
export function addComforts(
  dialog: HTMLElement,
  { session: { value } }: Core,
  words: () => Strings,
): void {
  keepFocus(dialog);
  catchFiles(dialog, words);
  easeLongTexts(dialog);
  if (value.status === "ready" && value.tabs.length === 0) {
    console.warn("heddle: this agent has no tabs, so visitors see nothing: add one with heddle tab add.");
  }
}
