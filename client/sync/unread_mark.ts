import type { AuthorRole, Entry } from "../../shared/items.ts";

/** Whether somebody on the other side of an entry's author has it to read: what was deleted and what the system says count as read. */
export const countsAsUnread = ({ author, deletedAt }: Pick<Entry, "author" | "deletedAt">): boolean =>
  author.role !== "system" && !deletedAt;

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

  const foreignIn = (entries: readonly Entry[]) =>
    entries.filter((entry) => isForeign(entry.author.role) && countsAsUnread(entry)).map(({ id }) => id);

  /** The first of them behind an entry, which may have been deleted since. */
  const firstBehind = (entries: readonly Entry[], id: string) =>
    foreignIn(entries.slice(entries.findIndex((entry) => entry.id === id) + 1))[0];

  return {
    /** True if the first of what is unread is not among these, before it was asked where that is. */
    isBefore: (entries: readonly Entry[]) => foreignIn(entries).length < (opened ?? 0),
    /** The source counts so many as unread; only what is shown first is asked, and as long as more are above. */
    count(unread: number) {
      opened ??= unread;
    },
    setReading(next: boolean) {
      if (next || reading) seen = newest;
      reading = next;
    },
    /** `unreadAbove`: before these entries are others that are unread. */
    from(entries: readonly Entry[], unreadAbove?: boolean): string | undefined {
      const foreign = foreignIn(entries);
      newest = foreign.at(-1);
      if (opened !== undefined && opened >= 0) {
        const first = Math.max(0, foreign.length - opened);
        from = foreign[first];
        seen = foreign[first - 1];
        opened = unreadAbove ? undefined : -1;
      } else if (reading) seen = newest;
      else if (newest !== seen) {
        from = seen ? firstBehind(entries, seen) ?? from : from ?? foreign[0];
      }
      return from;
    },
  };
}
