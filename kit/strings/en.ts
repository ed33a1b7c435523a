import type { LaterStrings } from "./catalogue.ts";

/** What the panel says before more of its code is loaded. `en` is the reference: other catalogues have its type. */
export const en = {
  close: "Close messages",
  back: "Back",
  retry: "Try again",
  signIn: "Sign in",
  cancel: "Cancel",
  you: "You",
  unread: (count: number) => `${count} unread`,
  loading: "Loading",
  sections: "Sections",
  offline: "Reconnecting… New messages may be late.",

  conversation: "Conversation",
  newConversation: "New conversation",
  newConversationHint: "Write your first message. We will answer here.",
  startConversation: "Start a conversation",
  noConversations: "No conversations yet.",
  noItems: "Nothing here yet.",
  showMore: "Show more",

  messages: "Messages",
  unreadFrom: "New",
  showOlder: "Show earlier messages",
  newMessages: (count: number) => count === 1 ? "1 new message" : `${count} new messages`,
  toLatest: "Jump to newest",
  messageBy: (author: string, body: string) => `${author}: ${body}`,
  isWriting: (author: string) => `${author} is writing…`,
  writeMessage: "Write a message",
  send: "Send",
  sending: "Sending…",
  waiting: "Not sent yet: you are offline.",
  notSent: "Not sent",
  draft: "Draft",
  tooLong: (excess: number) => `Too long by ${excess} characters. Shorten it, or send it in parts.`,
  edit: "Edit",
  sent: "Sent",
  delivered: "Delivered",
  seen: "Seen",
  resolved: "Resolved",
  edited: "Edited",
  deletedMessage: "This message was deleted.",
  notConfirmed: "We can't tell whether this arrived.",
  resend: "Send again",
  discard: "Discard",
  discardQuestion: "Discard this message?",
  team: "Team",
  assistant: "Assistant",

  attachment: "Attachment",

  /** By the problem's code; `other` for all that a visitor can't do anything about. */
  problems: {
    network: "No connection. Please try again.",
    rate_limited: "That was a lot at once. Please try again in a minute.",
    anonymous_not_allowed: "Please sign in to see your messages.",
    invalid_user_token: "Please sign in again to see your messages.",
    item_not_found: "This is not here any more.",
    conflict: "Somebody else changed this in the meantime.",
    payload_too_large: "This is too long to send.",
    action_not_enabled: "This is not possible here.",
    source_timeout: "This takes longer than usual. Please try again.",
    other: "Something went wrong. Please try again.",
  },
};

/** Of English the words of what is loaded later come with that code. */
export type Strings = typeof en & Partial<LaterStrings>;

/** Strings of a locale's language, by default the page's; none where they are English, or can't be loaded. */
export type LoadStrings = (locale?: string) => Promise<Strings | undefined> | undefined;
