import type { Entry } from "../../shared/items.ts";

/**
 * Where the entries begin that the visitor had not read: at first as many as the owner counts, later what came
 * while nobody looked. The mark stays until others come like that, so that nothing moves while it is read.
 */
export function createUnreadMark() {
  let opened: number | null = null;
  let isFirst = true;
  let reading = false;
  let seen: string | undefined;
  let from: string | undefined;
  let newest: string | undefined;

  return {
    /** The owner counts so many as unread; only what is shown first is asked. */
    count(unread: number) {
      if (isFirst) opened = unread;
      isFirst = false;
    },
    setReading(next: boolean) {
      reading = next;
      seen = newest;
    },
    from(entries: Entry[]): string | undefined {
      const foreign = entries.filter(({ author }) => author.role !== "visitor");
      newest = foreign.at(-1)?.id;
      if (opened !== null) from = foreign.slice(-opened || foreign.length)[0]?.id;
      else if (!reading && newest !== seen) {
        from = foreign[foreign.findIndex(({ id }) => id === seen) + 1]?.id;
      }
      if (opened !== null || reading) seen = newest;
      opened = null;
      return from;
    },
  };
}
