import type { WritingPlace, Writings } from "./writings.ts";

/** Corrections of what was sent that are not saved yet, by the id of the entry. */
export interface KeptEdits {
  /** Empty if there is none. */
  read(entryId: string): string;
  /** An empty text removes it. */
  keep(entryId: string, text: string): void;
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
  const keep = (id: string, text: string) => void writings.keep(place, { id, text, at: now() });
  return {
    read: (entryId) => writings.read(place).find(({ id }) => id === entryId)?.text ?? "",
    keep,
    clear: () => writings.read(place).forEach(({ id }) => keep(id, "")),
  };
}

/** Where corrections are kept. */
export const editsOf = (tabId: string) => `${tabId} edits`;
