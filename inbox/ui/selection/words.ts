import type { BulkAction } from "../../core/bulk.ts";
import { words } from "../strings.ts";

/** Words of what is done to several conversations at once. */
export const bulkWords = {
  none: "Select conversations",
  /** Behind a number. */
  selected: "selected",
  all: "Select all",
  allLoaded: "Select all that are loaded",
  of: (count: number | string) => `of ${count}`,
  end: "End selection",
  label: "Label",
  noLabels: "There are no labels yet.",
  makeLabels: "Make labels in settings",
  addLabel: (name: string) => `Add label ${name}`,
  removeLabel: (name: string) => `Remove label ${name}`,
  refused: (count: number, of: number, action: BulkAction) =>
    `${count} of ${of} could not be ${words.done[action]}:`,
  /** Names of conversations, and how many more of them there are. */
  named: (names: readonly string[], more: number) =>
    more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", "),
  selectThem: "Select them",
};
