/** Words of the search. */
export const searchWords = {
  search: "Search",
  field: "Search messages and people",
  close: "Close search",
  hint: "Words of a message, or a part of a name or an email.",
  operators: [
    ["from:ada", "what somebody wrote"],
    ["is:open", "also snoozed, resolved, mine, unassigned, waiting, unread"],
    ["label:vip", "conversations with a label"],
  ],
  nothing: (query: string) => `Nothing was found for “${query}”.`,
  found: (count: number) => count === 1 ? "1 result" : `${count} results`,
};
