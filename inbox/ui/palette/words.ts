/** Words of the command palette and of the list of keys. */
export const paletteWords = {
  title: "Commands",
  field: "What do you want to do?",
  nothing: "There is no such command.",
  app: "Inbox",
  goTo: "Go to",
  handOver: (name: string) => `Hand over to ${name}`,
  availability: (state: string) => `Be ${state.toLowerCase()}`,
  addLabel: (name: string) => `Add label ${name}`,
  removeLabel: (name: string) => `Remove label ${name}`,
  label: (name: string) => `Label ${name}`,
  settings: (section: string) => `Settings: ${section}`,
  switchTo: (name: string) => `Switch to ${name}`,
  searchFor: (text: string) => `Search for “${text}”`,
  print: "Print conversation",
  keys: "Keyboard shortcuts",
  close: "Close",
  then: "then",
  keyGroups: [
    {
      name: "Everywhere",
      keys: [
        ["Ctrl K", "commands"],
        ["/", "search"],
        ["g", "then n, w, m, u, o, s, r: a view; then t: settings"],
        ["?", "this list"],
      ],
    },
    {
      name: "List",
      keys: [["j", "next conversation"], ["k", "previous conversation"], ["Enter", "open it"]],
    },
    {
      name: "Conversation",
      keys: [
        ["r", "reply"],
        ["n", "internal note"],
        ["c", "claim"],
        ["e", "resolve or reopen"],
        ["s", "snooze"],
        ["l", "labels"],
        ["i", "show or fold the details"],
        ["Enter", "send, in the reply"],
        ["Escape", "leave the field"],
      ],
    },
  ],
};
