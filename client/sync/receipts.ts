import type { AuthorRole, Entry } from "../../shared/items.ts";

export interface Receipts {
  /** The newest entry is on a visible screen. */
  setReading(reading: boolean): void;
  /** The thread's entries or its unread number changed. */
  consider(entries: Entry[], unread: number): void;
}

/**
 * Sends at most one read receipt per newest foreign entry, and only while it is being read (docs/realtime.md,
 * rule 6): otherwise receipt → owner publishes → refetch → receipt would loop. `viewer` is who reads: entries
 * by others are foreign. `send` resolves to whether the source accepted.
 */
export function createReceipts(viewer: AuthorRole, send: () => Promise<boolean>): Receipts {
  let reading = false;
  let newest: Entry | undefined;
  let newestAtOpening: string | null = null;
  let unread = 0;
  let receiptFor: string | undefined;
  let refused = false;

  async function receipt() {
    if (!reading || !newest || newest.readAt || receiptFor === newest.id) return;
    if (unread === 0 && newest.id === newestAtOpening) return;
    receiptFor = newest.id;
    refused = !await send();
  }

  return {
    setReading(next) {
      const turned = next && !reading;
      reading = next;
      if (!turned) return;
      // A refused receipt is tried again when the reader comes back, not with every refetch.
      if (refused) receiptFor = undefined;
      void receipt();
    },
    consider(entries, count) {
      newest = entries.findLast(({ author }) => author.role !== viewer);
      newestAtOpening ??= newest?.id ?? "";
      unread = count;
      void receipt();
    },
  };
}
