import type { AuthorRole, Entry } from "../../shared/items.ts";

/** So many older pages are loaded at once to find where begins what the viewer has not read. */
export const MOST_OLDER = 4;

/**
 * Where the entries by others begin that the viewer had not read: at first as many as the source counts, later what came while nobody
 * looked. The mark stays until it was read to the end and others came like that, so that nothing moves while it is read.
 */
export function createUnreadMark(isForeign: (role: AuthorRole) => boolean) {
  /** How many the source counts; -1 once it is known where they begin. */
  let opened: number | undefined;
  let reading = false;
  /** The newest entry that was read, or was there when nothing was unread. */
  let seen: string | undefined;
  let from: string | undefined;
  let newest: string | undefined;

  const foreignIn = (entries: readonly Entry[]) => entries.filter(({ author }) => isForeign(author.role));

  return {
    /** True if the first of what is unread is not among these, before it was asked where that is. */
    isBefore: (entries: readonly Entry[]) => foreignIn(entries).length < (opened ?? 0),
    /** The source counts so many as unread; only what is shown first is asked. */
    count(unread: number) {
      opened ??= unread;
    },
    setReading(next: boolean) {
      if (next || reading) seen = newest;
      reading = next;
    },
    from(entries: readonly Entry[]): string | undefined {
      const foreign = foreignIn(entries);
      const idAt = (index: number) => foreign[index]?.id;
      newest = foreign.at(-1)?.id;
      if (opened !== undefined && opened >= 0) {
        const first = Math.max(0, foreign.length - opened);
        from = idAt(first);
        seen = idAt(first - 1);
        opened = -1;
      } else if (reading) seen = newest;
      else if (newest !== seen) {
        from = seen ? idAt(foreign.findIndex(({ id }) => id === seen) + 1) : from ?? idAt(0);
      }
      return from;
    },
  };
}
