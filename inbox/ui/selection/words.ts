import type { BulkAction } from "../../core/bulk.ts";

/** Words of what is done to several conversations at once. */
export const bulkWords = {
  none: "Select conversations",
  /** Behind a number. */
  selected: "selected",
  all: "Select all",
  end: "End selection",
  label: "Label",
  noLabels: "There are no labels yet. Settings are the place to make them.",
  addLabel: (name: string) => `Add label ${name}`,
  removeLabel: (name: string) => `Remove label ${name}`,
  refused: (count: number, of: number, action: BulkAction) =>
    `${count} of ${of} could not be ${PARTICIPLES[action]}:`,
  /** Names of conversations, and how many more of them there are. */
  named: (names: readonly string[], more: number) =>
    more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", "),
  selectThem: "Select them",
};

const PARTICIPLES: Record<BulkAction, string> = {
  claim: "claimed",
  release: "released",
  hand_over: "handed over",
  resolve: "resolved",
  reopen: "reopened",
  snooze: "snoozed",
  label: "labelled",
};
