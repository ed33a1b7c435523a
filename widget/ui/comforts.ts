import { keepFocus } from "../../kit/components/keep_focus.ts";
import { catchFiles } from "./dropped_files.ts";

/** What the panel can be used without, and gets once it is filled. */
export function addComforts(dialog: HTMLElement): void {
  keepFocus(dialog);
  catchFiles(dialog);
}
