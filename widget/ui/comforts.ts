import { keepFocus } from "../../kit/components/keep_focus.ts";
import { easeLongTexts } from "../../kit/components/long_texts.ts";
import { catchFiles } from "./dropped_files.ts";

/** What the panel can be used without, and gets once it is filled. */
export function addComforts(dialog: HTMLElement): void {
  keepFocus(dialog);
  catchFiles(dialog);
  easeLongTexts(dialog);
}
