import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Desk } from "../core/desk.ts";
import type { Inbox } from "../core/inbox.ts";
import type { Selection } from "../core/selection.ts";
import type { Agent, Team } from "../core/team.ts";
import { goTo, type Place, type Section } from "./place.ts";

/** What the parts of the app share while somebody is signed in. */
export interface Shell {
  inbox: Inbox;
  desk: Desk;
  team: Team;
  agents: readonly Agent[];
  email: string;
  here: Place;
  /** Of the list. */
  selection: Selection;
  /** Whether the details are beside an open conversation. */
  details: boolean;
  toggleDetails(): void;
  /** Asks first where something would be lost. */
  signOut(): void;
  openPalette(): void;
  showKeys(): void;
  /** Opens what makes a room. */
  newRoom(): void;
  /** Opens what prints the open conversation. */
  askPrint(): void;
}

export const ShellContext = createContext<Shell | null>(null);

export function useShell(): Shell {
  const shell = useContext(ShellContext);
  if (!shell) throw new Error("Nobody is signed in here.");
  return shell;
}

/** Whether somebody with these rights has anything to see there. */
export function isOpenTo(section: Section, rights: readonly string[]): boolean {
  return (section !== "site" && section !== "notifications") || rights.includes("settings");
}

/** Shows another site's conversations. What the address names is this one's. */
export function switchTo(inbox: Inbox, agentId: string): void {
  goTo({});
  inbox.choose(agentId);
}

const FOLD_KEY = "heddle.inbox.details";
/** From here on details have a column of their own; below they cover the conversation. */
const COLUMN = "(min-width: 1100px)";
/** From here on nothing else gets narrow by it. */
const ROOMY = "(min-width: 1400px)";

export function hasDetailsColumn(): boolean {
  return matchMedia(COLUMN).matches;
}

/** As the operator left them, else open where there is room for them. */
function wereOpen(): boolean {
  const kept = localStorage.getItem(FOLD_KEY);
  return kept === null ? matchMedia(ROOMY).matches : kept === "open";
}

/** The entry of the browser's history in which the details cover a conversation. */
const isCovering = () => Object(history.state).details === true;

/**
 * Whether the details are open: as they were left where they have a column. Elsewhere they cover the conversation, which is a
 * step of its own: Back closes them and leaves the conversation open.
 */
export function useDetailsFold(): [boolean, () => void] {
  const [open, setOpen] = useState(hasDetailsColumn() ? wereOpen : isCovering);
  useEffect(() => {
    const ending = new AbortController();
    addEventListener("popstate", () => {
      if (!hasDetailsColumn()) setOpen(isCovering());
    }, { signal: ending.signal });
    return () => ending.abort();
  }, []);

  function toggle() {
    if (hasDetailsColumn()) localStorage.setItem(FOLD_KEY, open ? "closed" : "open");
    else if (!open) history.pushState({ details: true }, "");
    // The event comes with it.
    else if (isCovering()) return history.back();
    setOpen(!open);
  }
  return [open, toggle];
}
