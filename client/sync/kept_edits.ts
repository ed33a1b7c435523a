import type { Environment } from "../platform/environment.ts";
import type { Entry } from "../../shared/items.ts";
import type { Writing, WritingPlace, Writings } from "./writings.ts";

/** Corrections of what was sent that are not saved yet, by the id of the entry. */
export interface KeptEdits {
  /** What was typed here, or else what an earlier page, or another window, has left. */
  read(entryId: string): Pick<Writing, "text" | "version"> | undefined;
  /** `version` is the one that is corrected. An empty text removes what was typed here, and no other window's. */
  keep(entryId: string, text: string, version?: string): void;
  /** Of a conversation that is no more. */
  clear(): void;
}

/**
 * Corrections in a conversation, kept as what is written there is; `tabId` is where its drafts are kept. Each window keeps its own,
 * so that what is saved, or given up, in one takes nothing from another.
 */
export function keptEdits(
  writings: Pick<Writings, "read" | "keep">,
  { tabId, itemId }: WritingPlace,
  { now, uuid }: Pick<Environment, "now" | "uuid">,
): KeptEdits {
  const place = { tabId: editsOf(tabId), itemId };
  const own = uuid();
  const typed = new Map<string, Pick<Writing, "text" | "version">>();
  /** What a correction here went on from, by the id of its entry. */
  const taken = new Map<string, string>();
  const remove = (id: string) => void writings.keep(place, { id, text: "", at: now() });
  return {
    read(entryId) {
      const left = writings.read(place).findLast(({ id }) => id.startsWith(`${entryId}/`));
      if (!typed.has(entryId) && left) taken.set(entryId, left.id);
      return typed.get(entryId) ?? left;
    },
    keep(entryId, text, version) {
      const id = `${entryId}/${own}`;
      if (text) typed.set(entryId, { text, version });
      else typed.delete(entryId);
      writings.keep(place, { id, text, version, at: now() });
      const former = taken.get(entryId) ?? id;
      taken.delete(entryId);
      if (former !== id) remove(former);
    },
    clear() {
      typed.clear();
      writings.read(place).forEach(({ id }) => remove(id));
    },
  };
}

/** Names one of the texts that an entry has had: a time of the server's. */
export const versionOf = ({ editedAt, createdAt }: Pick<Entry, "editedAt" | "createdAt">) =>
  editedAt ?? createdAt;

/** Where corrections are kept. */
export const editsOf = (tabId: string) => `${tabId} edits`;
