import type { ComponentChild, ComponentType } from "preact";
import { useRef } from "preact/hooks";
import type { ThreadEntry } from "../../client/sync/pending.ts";
import { useText } from "../text/text_context.ts";
import { Avatar } from "../components/avatar.tsx";
import { RichText, withoutOverrides } from "../text/rich_text.tsx";
import type { AuthorRole } from "../../shared/items.ts";
import type { Strings } from "../strings/en.ts";
import { dateOf, daysBetween, isTime } from "../text/format.ts";
import { Bubble, Receipt, type Resending } from "./entry.tsx";

interface ThreadRowsProps {
  entries: readonly ThreadEntry[];
  viewer: AuthorRole;
  /** Id of the first entry that the reader had not read. */
  unreadFrom?: string;
  resending: Resending;
  tools?: EntryTools;
  /** Beside the name of whoever wrote a group of messages. */
  mark?: EntryTools;
  /** In place of the text of something that nobody said. */
  notice?: EntryTools;
  bubble?: ComponentType<{ entry: ThreadEntry }>;
}

/** What the reader can do about an own entry, or one that has a status, or how one is shown. */
export type EntryTools = (entry: ThreadEntry) => ComponentChild;

/** The entries of a thread with their day separators. */
export function ThreadRows({ entries, viewer, unreadFrom, notice, ...rest }: ThreadRowsProps) {
  const { formats, strings } = useText();
  const anchors = useRef(new Set<string>()).current;
  const newestOwn = entries.findLast((entry) => isOnSideOf(viewer, entry) && !entry.noteId);
  return (
    <>
      {groupEntries(entries, viewer, unreadFrom, anchors).map((row) => {
        if (row.kind === "unread") return <p class="day unread" key={row.key}>{strings.unreadFrom}</p>;
        if (row.kind === "day") {
          return (
            <p class="day" key={row.key}>
              <time dateTime={row.at}>{formats.day(row.at, new Date())}</time>
            </p>
          );
        }
        if (row.kind === "notice") {
          return (
            <p class="notice" key={row.key} data-entry dir="auto">
              {notice?.(row.entry) ?? <RichText text={row.entry.body} />}
            </p>
          );
        }
        return <Group key={row.key} {...{ row, newestOwn, viewer }} {...rest} />;
      })}
    </>
  );
}

interface GroupProps {
  row: GroupRow;
  newestOwn: ThreadEntry | undefined;
  viewer: AuthorRole;
  resending: Resending;
  tools?: EntryTools;
  mark?: EntryTools;
  bubble?: ComponentType<{ entry: ThreadEntry }>;
}

function Group({ row, newestOwn, viewer, resending, tools, mark, bubble: Shown = Bubble }: GroupProps) {
  const { formats, strings } = useText();
  const first = row.entries[0];
  if (!first) return null;
  const author = authorName(first, strings, viewer);
  const time = first.createdAt && formats.time(first.createdAt);
  return (
    <div class="group" data-own={row.own} role="group" aria-label={author}>
      {!row.own && <Avatar name={author} url={first.author.avatarUrl} />}
      <div class="group-body">
        <p class="group-head">
          <span class={row.own && author === strings.you ? "hidden" : undefined} dir="auto">{author}</span>
          {mark?.(first)}
          {time && <time class="meta" dateTime={first.createdAt}>{time}</time>}
        </p>
        {row.entries.map((entry) => (
          <div
            class="entry"
            key={entryKey(entry)}
            data-entry={entry.id}
            data-delivery={entry.delivery}
            data-status={entry.status}
          >
            <Shown entry={entry} />
            {(row.own || entry.status) && tools?.(entry)}
            {row.own && <Receipt entry={entry} newest={entry === newestOwn} resending={resending} />}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The name that stands over an author's messages. A team has several: those of a reader's own have none there. */
export function authorName(entry: ThreadEntry, strings: Strings, viewer: AuthorRole): string {
  if (isOwn(entry, viewer) && (viewer === "visitor" || !entry.author.name)) return strings.you;
  return withoutOverrides(entry.author.name ?? "") ||
    (entry.author.role === "bot" ? strings.assistant : strings.team);
}

/** What a screen reader says when an entry comes; of the viewer's own, nothing. */
export function announcementOf(entry: ThreadEntry, strings: Strings, viewer: AuthorRole): string {
  if (isOwn(entry, viewer)) return "";
  return entry.change ? entry.body : strings.messageBy(authorName(entry, strings, viewer), entry.body);
}

const SAME_GROUP_MS = 5 * 60_000;

interface DayRow {
  kind: "day";
  key: string;
  /** ISO time of the day's first entry. */
  at: string;
}

/** Entries by one author within five minutes of each other: one name, one time. */
interface GroupRow {
  kind: "group";
  key: string;
  own: boolean;
  entries: ThreadEntry[];
}

/** Something that nobody said, such as "resolved". */
interface NoticeRow {
  kind: "notice";
  key: string;
  entry: ThreadEntry;
}

/** Stands before what the reader had not read. */
interface UnreadRow {
  kind: "unread";
  key: string;
}

export type ThreadRow = DayRow | GroupRow | NoticeRow | UnreadRow;

/**
 * Lays a thread out in rows as `viewer` sees it: day separators, notices and groups of bubbles. `anchors` are the keys of the
 * groups drawn so far: each is that of an entry, and a group keeps it whatever comes before or after that entry.
 */
export function groupEntries(
  entries: readonly ThreadEntry[],
  viewer: AuthorRole,
  unreadFrom?: string,
  anchors: Set<string> = new Set(),
): ThreadRow[] {
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
    if (entry.id === unreadFrom) rows.push({ kind: "unread", key: `unread ${key}` });
    const last = rows.at(-1);
    if (entry.author.role === "system") rows.push({ kind: "notice", key, entry });
    else if (last?.kind === "group" && belongsTo(last, entry, viewer)) {
      last.entries.push(entry);
      if (anchors.has(key) && !anchors.has(last.key)) last.key = key;
    } else rows.push({ kind: "group", key, own: isOnSideOf(viewer, entry), entries: [entry] });
  }
  for (const { kind, key } of rows) if (kind === "group") anchors.add(key);
  return rows;
}

/** Stays the same when the owner's echo replaces what was shown while sending. */
export function entryKey(entry: ThreadEntry): string {
  return entry.clientId ?? entry.id;
}

export function isOwn(entry: ThreadEntry, viewer: AuthorRole): boolean {
  return entry.author.role === viewer;
}

/** An operator's side is the team's, on which its bots speak as well. */
function isOnSideOf(viewer: AuthorRole, entry: ThreadEntry): boolean {
  return isOwn(entry, viewer) || (viewer === "operator" && entry.author.role === "bot");
}

function belongsTo(group: GroupRow, entry: ThreadEntry, viewer: AuthorRole): boolean {
  const last = group.entries.at(-1);
  if (!last || !isSameAuthor(last, entry, viewer)) return false;
  if (!isTime(last.createdAt) || !isTime(entry.createdAt)) return true;
  return Date.parse(entry.createdAt) - Date.parse(last.createdAt) < SAME_GROUP_MS;
}

function isSameAuthor(a: ThreadEntry, b: ThreadEntry, viewer: AuthorRole): boolean {
  if (a.author.role !== b.author.role) return false;
  return a.author.role === "visitor" && viewer === "visitor" ||
    (a.author.id === b.author.id && a.author.name === b.author.name);
}

function isSameDay(former: string | undefined, time: string): boolean {
  return former !== undefined && daysBetween(former, dateOf(time)) === 0;
}
