import type { Core } from "../core/core.ts";
import { keepFocus } from "../../kit/components/keep_focus.ts";
import type { Strings } from "../../kit/strings/en.ts";
import { easeLongTexts } from "../../kit/components/long_texts.ts";
import { catchFiles } from "./dropped_files.ts";

/** In milliseconds. A timer that is set for midnight comes late where the computer has slept. */
const LOOK_AT_DAY = 60_000;

/** What the panel can be used without, and gets once it is filled. `redraw` draws all that it shows of times. */
export function addComforts(
  dialog: HTMLElement,
  { session: { value } }: Core,
  words: () => Strings,
  redraw: () => void,
): void {
  keepFocus(dialog);
  catchFiles(dialog, words);
  easeLongTexts(dialog);
  followDays(dialog, redraw);
  if (value.status === "ready" && value.tabs.length === 0) {
    console.warn("heddle: this agent has no tabs, so visitors see nothing: add one with heddle tab add.");
  }
}

/** "9:38 AM" is of today. */
function followDays(dialog: HTMLElement, redraw: () => void): void {
  let day = new Date().toDateString();
  const timer = setInterval(() => {
    if (!dialog.isConnected) return clearInterval(timer);
    const today = new Date().toDateString();
    if (today !== day) redraw();
    day = today;
  }, LOOK_AT_DAY);
}
