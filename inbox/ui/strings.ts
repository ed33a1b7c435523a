import { en } from "../../kit/strings/en.ts";
import type { SignInProblem } from "../core/inbox.ts";
import type { Availability } from "../core/presence.ts";
import type { RowActionName } from "../core/row_actions.ts";
import type { View } from "../core/rows.ts";
import type { Section } from "./place.ts";

/** Words of the parts that both fronts show, as an operator reads them. */
export const kitStrings = {
  ...en,
  writeMessage: "Reply",
  problems: {
    ...en.problems,
    agent_not_found: "You are no member of this team any more.",
    expired_session: "You were signed out. Please sign in again.",
    other: "Something went wrong. Please try again.",
  },
};

/** Every word that the inbox alone shows. */
export const words = {
  inbox: "Inbox",
  views: {
    needs_human: "Needs human",
    mine: "Mine",
    unassigned: "Unassigned",
    open: "All open",
    snoozed: "Snoozed",
    resolved: "Resolved",
  } satisfies Record<View, string>,
  viewList: "Views",
  labels: "Labels",
  noneLabelled: "No open conversation has this label.",
  goneLabel: "Label",
  labelled: (names: string) => `Labels: ${names}`,
  teamList: "Team",
  availability: "Your availability",
  availabilities: { online: "Online", away: "Away" } satisfies Record<Availability, string>,
  visitorHere: "Here now",
  presence: { online: "here", away: "away", offline: "not here" } as Record<string, string>,
  search: "Search",
  settings: "Settings",
  details: "Details",
  commands: "Commands",
  sections: { team: "Team", labels: "Labels", replies: "Saved replies", site: "Site" } satisfies Record<
    Section,
    string
  >,
  withKey: (name: string, key: string) => `${name} (${key})`,
  empty: {
    needs_human: "Nobody waits for a human.",
    mine: "You hold no conversation.",
    unassigned: "Every conversation has somebody.",
    open: "All answered. Nothing is open.",
    snoozed: "Nothing is snoozed.",
    resolved: "Nothing is resolved yet.",
  } satisfies Record<View, string>,
  conversation: "Conversation",
  pick: "Choose a conversation to read it.",
  agent: "Site",
  signIn: "Sign in",
  signingIn: "Signing in…",
  signInHint: "Answer your visitors.",
  email: "Email",
  password: "Password",
  signOut: "Sign out",
  signInProblems: {
    wrong: "The email or the password is wrong.",
    unconfirmed: "This email is not confirmed yet. Please open the link in the mail that we sent you.",
    too_often: "Too many attempts. Please wait a minute and try again.",
    network: "No connection to the server. Please try again.",
    no_team: "This account belongs to no team. Ask somebody of the team to invite you.",
    other: "Signing in failed. Please try again.",
  } satisfies Record<SignInProblem, string>,
  visitor: "Visitor",
  needsHuman: "Needs human",
  heldBy: (name: string) => `Held by ${name}`,
  statuses: { OPEN: "Open", SNOOZED: "Snoozed", RESOLVED: "Resolved" } as Record<string, string>,
  by: (name: string, text: string) => `${name}: ${text}`,
  bot: "Bot",
  team: "Team",
  note: "Note",
  internalNote: "Internal note",
  writeAs: "Write",
  modes: { reply: "Reply", note: "Note" },
  savedReplies: "Saved replies",
  noSavedReply: "No saved reply begins like that.",
  /** In a greeting, for a visitor whose name is not known. */
  somebody: "there",
  deleteNow: "Delete for everybody",
  changedText: "Changed text",
  actions: "Actions",
  claim: "Claim",
  release: "Release",
  handOver: "Hand over",
  resolve: "Resolve",
  reopen: "Reopen",
  snooze: "Snooze",
  snoozedUntil: (time: string) => `Snoozed until ${time}`,
  until: "Until",
  snoozes: { hour: "1 hour", tomorrow: "Tomorrow", week: "Next week" },
  nobodyElse: "There is nobody else in the team yet.",
  me: (name: string) => `${name} (you)`,
  claimedBy: (name: string) => `Claimed by ${name}.`,
  notDone: {
    claim: "Not claimed.",
    release: "Not released.",
    hand_over: "Not handed over.",
    resolve: "Not resolved.",
    reopen: "Not reopened.",
    snooze: "Not snoozed.",
  } satisfies Record<RowActionName, string>,
  dismiss: "Dismiss",
  writingReply: (names: readonly string[]) =>
    names.length === 1 ? `${names[0]} is writing a reply.` : `${names.join(" and ")} are writing a reply.`,
  page: (name: string) => `From “${name}”`,
};
