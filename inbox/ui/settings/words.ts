/** Words of the settings. */
export const settingWords = {
  sections: "Parts of the settings",
  save: "Save",
  saving: "Saving…",
  saved: "Saved.",
  notSaved: "Not saved yet.",
  notSent: "Not sent yet.",
  discard: "Discard",
  add: "Add",
  cancel: "Cancel",
  edit: "Edit",
  remove: "Remove",
  delete: "Delete",
  copy: "Copy",
  copied: "Copied.",
  notCopied: "Your browser did not allow it: select the text and copy it.",
  taken: "There is one of that name already.",
  maybeAdded: "No answer came. It may have been added all the same: look above before you add it again.",
  nameHint: "A name holds something to see.",

  members: "Members",
  teamHint: "Everybody here reads and answers this site's visitors.",
  invite: "Invite",
  inviting: "Inviting…",
  inviteSomebody: "Invite somebody",
  inviteHint: "They get a mail with a link into this inbox. Who has an account already signs in with it.",
  inviteFields: { email: "E-mail", name: "Name", role: "Role", reach: "Answers for" } as Record<
    string,
    string
  >,
  reaches: { every: "All sites of the team", this: "This site only" },
  /** What must hold of a field. */
  mustHold: (field: string, must: string) => `${field} ${must}.`,
  mailed: (name: string) => `A mail with a link is on its way to ${name}.`,
  hasAccount: (name: string) => `${name} has an account already and signs in with it. No mail was sent.`,
  isMember: (name: string, role: string) => `${name} is in the team, as ${role}. No mail was sent.`,
  /** What was different of somebody. */
  before: (what: readonly string[]) => `Before: ${what.join(", ")}.`,
  formerName: (name: string) => `“${name}”`,
  formerReach: "for listed sites",
  maybeInvited: "No answer came. They may be invited all the same: look above before you try again.",
  notIn: "Invited, has not come in yet",
  sendAgain: "Send again",
  sendAgainTo: (name: string) => `Send again: invitation of ${name}`,
  fromTerminal: "From a terminal",
  invitation: (agentId: string) => `operator invite ${agentId} --email ADDRESS --name NAME`,
  yourName: "Your name",
  yourNameHint: "Visitors see it beside what you write.",
  you: "you",
  role: (name: string) => `Role of ${name}`,
  roles: { owner: "Owner", operator: "Operator" } as Record<string, string>,
  rolesHint: "Owners also change the team and the site, and export and erase people.",
  removeMember: (name: string) => `Remove ${name}`,
  removeQuestion: (name: string) =>
    `Remove ${name} from the team? They are out at once, and what they hold is free again. Their account stays.`,
  removeHereQuestion: (name: string) =>
    `Remove ${name} from your sites? They are out of them at once, and what they hold there is free again. They stay in the team of the others.`,
  leave: "Leave",
  leaveTeam: "Leave the team",
  leaveQuestion:
    "Leave the team? You are out of this inbox at once, what you hold is free again, and what you have not sent is gone. Somebody of the team has to invite you again.",
  stepDown: "Become an operator",
  stepDownQuestion:
    "Become an operator? You can then no longer change the team and the site, or export and erase people, and another owner has to make you one again.",
  ownersOnly: (section: string) => `“${section}” is for owners, and you are an operator.`,
  lastOwner: "A team keeps at least one owner.",
  nameTaken: "Somebody in the team, or a bot, is called that already.",

  labelsHint: "Labels sort conversations. Each makes a list of its own.",
  noLabels: "There are no labels yet.",
  labelName: "Name",
  nameOf: (name: string) => `Name of ${name}`,
  color: "Colour",
  colorOf: (name: string) => `Colour of ${name}`,
  addLabel: "Add label",
  deleteLabel: (name: string) => `Delete label ${name}`,
  deleteLabelQuestion: (name: string) =>
    `Delete ${name}? Conversations lose it and stay as they are otherwise.`,
  saveLabel: (name: string) => `Save label ${name}`,

  repliesHint: "Texts that the whole team uses again and again. Each has a short name.",
  noReplies: "There are no saved replies yet.",
  shortcut: "Short name",
  shortcutHint: "One word without a slash, such as shipping.",
  body: "Text",
  placeholders: "Filled in where it is used: {{visitor.name}}, {{agent.name}}, {{site.name}}.",
  addReply: "Add reply",
  editReply: (shortcut: string) => `Edit ${shortcut}`,
  deleteReply: (shortcut: string) => `Delete ${shortcut}`,
  lostReply: "Somebody deleted this reply while you were changing it. Save it to have it again.",
  deleteReplyQuestion: (shortcut: string) => `Delete the saved reply ${shortcut}?`,

  bots: "Bots",
  botsHint:
    "A bot is a webhook of yours. It answers what visitors of this site's tabs write, until an operator claims the conversation or writes in it. Its Markdown is shown as bold text, lists, code and links.",
  noBots: "There are no bots.",
  botName: "Name of the bot",
  botUrl: "URL of its webhook",
  autoRespond: "When it answers",
  responds: {
    unclaimed: "Until somebody claims the conversation or writes in it",
    always: "Always",
    never: "Never by itself",
  } as Record<string, string>,
  addBot: "Add bot",
  change: "Change",
  changeBot: (name: string) => `Change the bot ${name}`,
  ofBot: (field: string, name: string) => `${field}: ${name}`,
  sameUrl: (host: string) => `As it is, at ${host}`,
  removeBot: (name: string) => `Remove the bot ${name}`,
  removeBotQuestion: (name: string) => `Remove ${name}? It answers no more; what it wrote stays.`,
  botSecret: (name: string) =>
    `The secret of ${name}. Put it into the bot's settings now: it is not shown again. Calls are signed with it.`,

  rules: "Who is told of what",
  rulesHint:
    "Whoever answers for this site finds it under the bell; once somebody holds the conversation, they alone do. Outside the inbox they are told of what they have not seen there.",
  /** In the order in which they stand. */
  ruleNames: {
    needs_human: { name: "Needs human", when: "A visitor, a bot or a service of yours asks for a person." },
    waiting: { name: "Waiting", when: "A visitor waits for an answer." },
    new_message: {
      name: "New message",
      when: "A visitor writes in a conversation that somebody holds. Only who holds it is told.",
    },
    handed_over: {
      name: "Handed over",
      when: "A conversation is handed to somebody by somebody else. The bell tells them in any case.",
    },
    away_reply: {
      name: "Answer not read",
      when: "A visitor has not read an answer. Only the visitor is told.",
    },
    task_ended: { name: "Task ended", when: "A task or flow of your services is done or has failed." },
  } as Record<string, { name: string; when: string }>,
  rule: {
    channels: { email: "By e-mail", push: "By push" } as Record<string, string>,
    delay: "Minutes before a mail leaves",
    batch: "Minutes between messages",
    priority: "Priority",
    priorities: {
      low: "Low",
      normal: "Normal",
      high: "High",
      critical: "Critical: also in quiet hours",
    } as Record<
      string,
      string
    >,
    quiet: "Quiet hours",
    quietEnds: { from: "Quiet from", to: "Quiet until" },
  },
  minutes: "Minutes of waiting",
  minutesUnit: "minutes",

  snippet: "Script tag",
  snippetHint:
    "Put this on every page of your site. Where somebody is signed in there, add data-user-token with a token of theirs.",
  snippetTokenHint:
    "Put this on every page of your site, with a token of the visitor who is signed in there.",
  tabs: "Tabs",
  source: { store: "Kept in your project, answered here", webhook: "From your own backend" } as Record<
    string,
    string
  >,
  noTabs: "There are no tabs yet: visitors see nothing. Add one below, and they can write to your team.",
  noStoreTab: "Your backend answers all of them: what visitors write there does not come into this inbox.",
  nameOfTab: (name: string) => `Name of the tab ${name}`,
  saveTab: (name: string) => `Save the tab ${name}`,
  removeTab: (name: string) => `Remove the tab ${name}`,
  removeTabQuestion(name: string, source: string, isKeptElsewhere: boolean) {
    const removed = `Remove ${name}? Visitors no longer see this tab.`;
    if (source !== "store") return `${removed} Your backend keeps its conversations and items.`;
    return isKeptElsewhere
      ? `${removed} All conversations stay here, and visitors find theirs in the other tab that is answered here.`
      : `${removed} All conversations stay here, but visitors reach them only once there is such a tab again.`;
  },
  tabName: "Name of a new tab",
  addTab: "Add tab",
  tabHint: "A tab where visitors write and your team answers here.",
  makeKey: "Made from a terminal, which shows it this once; key revoke ends one:",
  makeConnector: "Made from a terminal, with the project's secret key:",
  keys: "API keys",
  noKeys: "There are no keys.",
  lastUsed: (time: string) => `last used ${time}`,
  neverUsed: "never used",
  revoked: "revoked",
  connectors: "Connectors",
  noConnectors: "There are no connectors.",
  actions: (count: number) => count === 1 ? "1 action" : `${count} actions`,
  issues: "Last failures",
  noIssues: "Nothing has failed in the last 30 days.",
  times: (count: number) => count === 1 ? "once" : `${count} times`,
};

/** Of what the widget is called, its colour, and where it may be. */
export const lookWords = {
  title: "Title and colour",
  hint:
    "Where your pages' script tag has data-accent, change the colour there, too: it counts before this one.",
  heading: "Heading of the widget",
  color: "Colour of the widget",
  save: "Save title and colour",
  more: "The button's words, light or dark, and the language are changed from a terminal:",
  origins: "Sites that may show it",
  originsHint: "Pages of other sites can't show the widget with this script tag.",
  noOrigins: "None yet: nobody sees the widget. Add your site's address.",
  origin: "Address of a site",
  addOrigin: "Add site",
  wholeSite: (origin: string) =>
    `${origin} was added: a site may show the widget on all of its pages, not on one path alone.`,
  removeOrigin: (origin: string) => `Remove the site ${origin}`,
  removeQuestion: (origin: string) => `Remove ${origin}? Its pages no longer show the widget.`,
};

/** Of what was given up, and of answers by mail that are held. */
export const undeliveredWords = {
  title: "Not delivered",
  hint:
    "Mails, push messages and webhooks that were given up after all tries, and answers by mail that may be somebody else's. Each stays here for 30 days.",
  none: "Everything has arrived.",
  kinds: { email: "Mail", push: "Push message", webhook: "Webhook", reply: "Answer by mail" } as Record<
    string,
    string
  >,
  somebody: "somebody who is gone",
  sent: (kind: string, who: string, isAnswer: boolean) => `${kind} ${isAnswer ? "from" : "to"} ${who}`,
  tries: (count: number) => `${count} tries`,
  open: "Open",
  openOf: (name: string) => `Open the conversation of ${name}`,
  retry: "Send again",
  retryAll: "Send all again",
  add: "Add to the conversation",
  dismiss: "Dismiss",
  dismissAll: "Dismiss all",
  dismissQuestion: (count: number) => `Dismiss all ${count}? Answers that are held are gone then.`,
  left: "Whoever was to answer has left, so it can't be added.",
};

/** Of webhooks for events. */
export const webhookWords = {
  title: "Webhooks for events",
  hint:
    "Each gets what happens for all agents of your organisation, as it happens: a signed POST to a server of yours, tried again for a day if it fails.",
  none: "There are no webhooks for events.",
  everything: "everything",
  on: "on",
  off: "off",
  failing: "failing",
  queued: (count: number) => `${count} waiting`,
  failed: (count: number) => `${count} given up`,
  test: "Send a test",
  log: "What was sent",
  nothingSent: "Nothing was sent.",
  refresh: "Refresh",
  replay: "Send again",
  replayOf: (type: string) => `Send again: ${type}`,
  status: { queued: "waiting", sent: "sent", suppressed: "not sent", dead: "given up" } as Record<
    string,
    string
  >,
  tries: (count: number) => `${count} tries`,
  switchOn: "Switch on",
  switchOff: "Switch off",
  remove: "Remove",
  removeOf: (host: string) => `Remove the webhook ${host}`,
  removeQuestion: (host: string) => `Remove ${host}? What waits for it is not sent, and its log is gone.`,
  secret: (host: string) =>
    `The secret for ${host}. Put it into your server's settings now: it is not shown again. What is sent is signed with it.`,
  url: "URL of the webhook",
  topics: "Topics; none: everything",
  format: "Format of what is sent",
  formats: { heddle: "Heddle's own format", cloudevents: "CloudEvents 1.0" } as Record<string, string>,
  add: "Add webhook",
  saving: "Saving…",
  tooMany: "There are as many webhooks as there may be.",
};

/** Of a greeting and office hours. */
export const officeWords = {
  title: "Greeting and office hours",
  hint:
    "For visitors of tabs that are answered here. While somebody of the team is online, nobody is told that you are away, whatever the hours.",
  greeting: "Greeting in a new conversation",
  when: "When the team is there",
  whens: { always: "Always", hours: "By office hours" },
  zone: "Time zone",
  days: {
    mon: "Monday",
    tue: "Tuesday",
    wed: "Wednesday",
    thu: "Thursday",
    fri: "Friday",
    sat: "Saturday",
    sun: "Sunday",
  },
  end: {
    from: (day: string, number: number) => `${day}, from${numbered(number)}`,
    to: (day: string, number: number) => `${day}, to${numbered(number)}`,
  },
  closed: "Closed",
  add: "Add hours",
  addTime: (day: string) => `Add hours on ${day}`,
  remove: "Remove",
  removeTime: (day: string, number: number) => `Remove hours on ${day}${numbered(number)}`,
  nextDay: "the next day",
  halfTime: "Say from when and to when, or remove these hours.",
  wrong: "Not saved: something above is wrong.",
  awayMessage: "Message outside the hours",
  awayHint: "Without one: “Nobody is here at the moment.” Visitors read below it when you are back.",
  openUntil: (time: string) => `Now: open until ${time}`,
  closedUntil: (time: string) => `Now: closed until ${time}`,
  openAlways: "Now: open, and it never ends",
  closedAlways: "Now: closed, and it never opens",
  save: "Save greeting and office hours",
};

const numbered = (number: number) => number > 1 ? ` (${number})` : "";

export const rotationWords = {
  rotate: "New secret",
  rotateWebhook: (host: string) => `Give the webhook ${host} a new secret`,
  rotateBot: (name: string) => `Give the bot ${name} a new secret`,
  question: "Make a new secret? The one before it stays good for 24 hours.",
};
