import { type ReadonlySignal, signal } from "../../client/platform/emitter.ts";
import { type View, VIEWS } from "../core/rows.ts";

export const SECTIONS = ["team", "labels", "replies", "notifications", "site"] as const;
/** A part of the settings. */
export type Section = (typeof SECTIONS)[number];

/** What the page's address names. */
export interface Place {
  view: View;
  /** The list is the open conversations with this label, and `view` is `open`. */
  labelId: number | null;
  /** What is looked for; the list shows what was found. */
  query: string | null;
  conversationId: string | null;
  /** Whose conversation it is, if one is named: operators of several agents would open it under another one's name. */
  agentId: string | null;
  /** A message of the conversation that it is to begin at, or `note-` and a note's number. */
  messageId: string | null;
  /** Settings stand in place of list and conversation. */
  section: Section | null;
}

const UUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";
const HASH = new RegExp(
  `^#/(?:(${UUID})/)?(?:label-(\\d{1,9})|([a-z-]+))(?:/(${UUID})(?:/((?:note-)?\\d{1,9}))?)?(?:\\?q=(.*))?$`,
);
const SETTINGS = /^#\/settings\/([a-z]+)$/;
export const NOWHERE: Place = {
  view: "open",
  labelId: null,
  query: null,
  conversationId: null,
  agentId: null,
  messageId: null,
  section: null,
};

/** Behind `#`, since a static host knows one page only. */
export function hrefOf(to: Partial<Place>): string {
  const { view, labelId, query, conversationId, agentId, messageId, section } = { ...NOWHERE, ...to };
  if (section) return `#/settings/${section}`;
  const parts = [labelId === null ? view.replace("_", "-") : `label-${labelId}`];
  if (conversationId) {
    if (agentId) parts.unshift(agentId);
    parts.push(conversationId, ...messageId ? [messageId] : []);
  }
  return `#/${parts.join("/")}${query === null ? "" : `?q=${encodeURIComponent(query)}`}`;
}

export function readPlace(hash: string): Place {
  const section = SECTIONS.find((each) => each === SETTINGS.exec(hash)?.[1]);
  if (section) return { ...NOWHERE, section };
  const found = HASH.exec(hash);
  if (!found) return NOWHERE;
  const [, agentId = null, labelId, path, conversationId = null, messageId = null, query] = found;
  const view = labelId ? "open" : VIEWS.find((each) => each.replace("_", "-") === path);
  if (!view) return NOWHERE;
  return {
    view,
    labelId: labelId ? Number(labelId) : null,
    query: query === undefined ? null : decoded(query),
    conversationId,
    agentId: conversationId && agentId,
    messageId,
    section: null,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Somebody wrote the address by hand.
    return text;
  }
}

/** Follows the address for as long as the page lives. */
export function followPlace(): ReadonlySignal<Place> {
  const place = signal(readPlace(location.hash));
  addEventListener("hashchange", () => (place.value = readPlace(location.hash)));
  return place;
}

export function goTo(place: Partial<Place>): void {
  location.hash = hrefOf(place);
}

/** The same, without a step for Back. */
export function replacePlace(place: Partial<Place>): void {
  location.replace(hrefOf(place));
}
