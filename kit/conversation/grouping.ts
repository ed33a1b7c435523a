import type { ThreadEntry } from "../../client/sync/outbox.ts";
import type { AuthorRole } from "../../shared/items.ts";
import { daysBetween, isTime } from "../text/format.ts";

const SAME_GROUP_MS = 5 * 60_000;

export interface DayRow {
  kind: "day";
  key: string;
  /** ISO time of the day's first entry. */
  at: string;
}

/** Entries by one author within five minutes of each other: one name, one time. */
export interface GroupRow {
  kind: "group";
  key: string;
  own: boolean;
  entries: ThreadEntry[];
}

/** Something that nobody said, such as "resolved". */
export interface NoticeRow {
  kind: "notice";
  key: string;
  entry: ThreadEntry;
}

export type ThreadRow = DayRow | GroupRow | NoticeRow;

/** Lays a thread out in rows as `viewer` sees it: day separators, notices and groups of bubbles. */
export function groupEntries(entries: readonly ThreadEntry[], viewer: AuthorRole): ThreadRow[] {
  const rows: ThreadRow[] = [];
  let formerTime: string | undefined;
  for (const entry of entries) {
    const key = entryKey(entry);
    // An entry without a time belongs to the day before it.
    if (isTime(entry.createdAt)) {
      if (!isSameDay(formerTime, entry.createdAt)) {
        rows.push({ kind: "day", key: `day ${key}`, at: entry.createdAt });
      }
      formerTime = entry.createdAt;
    }
    const last = rows.at(-1);
    if (entry.author.role === "system") rows.push({ kind: "notice", key, entry });
    else if (last?.kind === "group" && belongsTo(last, entry, viewer)) last.entries.push(entry);
    else rows.push({ kind: "group", key, own: isOwn(entry, viewer), entries: [entry] });
  }
  return rows;
}

/** Stays the same when the owner's echo replaces what was shown while sending. */
export function entryKey(entry: ThreadEntry): string {
  return entry.clientId ?? entry.id;
}

export function isOwn(entry: ThreadEntry, viewer: AuthorRole): boolean {
  return entry.author.role === viewer;
}

function belongsTo(group: GroupRow, entry: ThreadEntry, viewer: AuthorRole): boolean {
  const last = group.entries.at(-1);
  if (!last || !isSameAuthor(last, entry, viewer)) return false;
  if (!isTime(last.createdAt) || !isTime(entry.createdAt)) return true;
  return Date.parse(entry.createdAt) - Date.parse(last.createdAt) < SAME_GROUP_MS;
}

function isSameAuthor(a: ThreadEntry, b: ThreadEntry, viewer: AuthorRole): boolean {
  if (a.author.role !== b.author.role) return false;
  return isOwn(a, viewer) || (a.author.id === b.author.id && a.author.name === b.author.name);
}

function isSameDay(former: string | undefined, time: string): boolean {
  return former !== undefined && daysBetween(former, new Date(time)) === 0;
}
