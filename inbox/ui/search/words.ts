import { IS_VALUES } from "../../core/search.ts";

/** Words of the search. */
export const searchWords = {
  search: "Search",
  field: "Search messages and people",
  close: "Close search",
  hint:
    "Words of a message or note: all must be in it, the last may be unfinished. Or part of a name or email.",
  operators: [
    ["from:ada", "what somebody wrote"],
    ["is:open", "also snoozed, resolved, mine, unassigned, waiting, needs-human, unread"],
    ["label:vip", "conversations with a label"],
  ],
  nothing: (query: string) => `Nothing was found for “${query}”.`,
  /** What to try, by what the search holds. */
  noSuchFilter: (unknown: readonly string[]) =>
    `There is no filter ${unknown.join(" ")}. Filters are from:, label: and is: with ${
      IS_VALUES.join(", ")
    }.`,
  noneNow: "No conversation is like that now.",
  tryFewer: (operators: string) => `Try fewer filters: a conversation has to fit all of ${operators}.`,
  tryWords: "Try fewer words, or only the beginning of one. Quotes make no difference.",
  tryWithout: (operators: string) => `Try without ${operators}: it narrows the newest that the words find.`,
  found: (count: number) => count === 1 ? "1 result" : `${count} results`,
};
