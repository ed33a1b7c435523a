import type { Entry } from "../../shared/items.ts";
import type { Writing, WritingPlace, Writings } from "./writings.ts";

/** Corrections of what was sent that are not saved yet, by the id of the entry. */
export interface KeptEdits {
  read(entryId: string): Pick<Writing, "text" | "version"> | undefined;
  /** `version` is the one that is corrected. An empty text removes it. */
  keep(entryId: string, text: string, version?: string): void;
  /** Of a conversation that is no more. */
  clear(): void;
}

/** Corrections in a conversation, kept as what is written there is; `tabId` is where its drafts are kept. */
export function keptEdits(
  writings: Pick<Writings, "read" | "keep">,
  { tabId, itemId }: WritingPlace,
  now: () => number,
): KeptEdits {
  const place = { tabId: editsOf(tabId), itemId };
  const keep = (id: string, text: string, version?: string) =>
    void writings.keep(place, { id, text, version, at: now() });
  return {
    read: (entryId) => writings.read(place).find(({ id }) => id === entryId),
    keep,
    clear: () => writings.read(place).forEach(({ id }) => keep(id, "")),
  };
}

/** Names one of the texts that an entry has had: a time of the server's. */
export const versionOf = ({ editedAt, createdAt }: Pick<Entry, "editedAt" | "createdAt">) =>
  editedAt ?? createdAt;

/** Where corrections are kept. */
export const editsOf = (tabId: string) => `${tabId} edits`;
