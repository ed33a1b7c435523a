import type { Entry } from "../../shared/items.ts";
import type { Outbox } from "../../client/sync/outbox.ts";

export interface ThreadNewsSetup {
  outbox: Pick<Outbox<never>, "itemId">;
  hooks: {
    /** An entry by somebody else came while the thread was open. */
    onForeignEntry(itemId: string, entry: Entry): void;
  };
}

/** What the open thread did not show before; the page is told of each foreign entry once. */
export function createThreadNews({ outbox, hooks }: ThreadNewsSetup) {
  const told = new Set<string>();
  let ofPage: Entry[] = [];
  let wasOpened = outbox.itemId === null;

  function tell(entry: Entry) {
    if (entry.author.role === "visitor" || outbox.itemId === null || told.has(entry.id)) return;
    told.add(entry.id);
    hooks.onForeignEntry(outbox.itemId, entry);
  }

  return {
    tell,
    /** What a thread shows when it is opened is no news. */
    pageCame(before: Entry[], entries: Entry[]) {
      const known = new Set(before.map(({ id }) => id));
      ofPage = wasOpened ? entries.filter(({ id }) => !known.has(id)) : [];
      wasOpened = true;
    },
    tellPage() {
      for (const entry of ofPage.splice(0)) tell(entry);
    },
  };
}
