import type { AuthorRole, Entry } from "../../shared/items.ts";

/** So many older pages are loaded at once to find where begins what the viewer has not read. */
export const MOST_OLDER = 4;

/**
 * Where the entries by others begin that the viewer had not read: at first as many as the source counts, later what came while nobody
 * looked. The mark stays until it was read to the end and others came like that, so that nothing moves while it is read.
 */
export function createUnreadMark(isForeign: (role: AuthorRole) => boolean) {
  let opened: number | null = null;
  let isFirst = true;
  let reading = false;
  /** The newest entry that was read, or was there when nothing was unread. */
  let seen: string | undefined;
  let from: string | undefined;
  let newest: string | undefined;

  const foreignIn = (entries: readonly Entry[]) => entries.filter(({ author }) => isForeign(author.role));

  return {
    /** True if the first of what is unread is not among these, before it was asked where that is. */
    isBefore: (entries: readonly Entry[]) => opened !== null && foreignIn(entries).length < opened,
    /** The source counts so many as unread; only what is shown first is asked. */
    count(unread: number) {
      if (isFirst) opened = unread;
      isFirst = false;
    },
    setReading(next: boolean) {
      if (next || reading) seen = newest;
      reading = next;
    },
    from(entries: readonly Entry[]): string | undefined {
      const foreign = foreignIn(entries);
      const after = (id: string | undefined) =>
        foreign[foreign.findIndex((entry) => entry.id === id) + 1]?.id;
      newest = foreign.at(-1)?.id;
      if (opened !== null) {
        from = foreign.slice(-opened || foreign.length)[0]?.id;
        seen = from ? foreign[foreign.length - opened - 1]?.id : newest;
      } else if (reading) seen = newest;
      else if (newest !== seen) from = seen ? after(seen) : from ?? foreign[0]?.id;
      opened = null;
      return from;
    },
  };
}
