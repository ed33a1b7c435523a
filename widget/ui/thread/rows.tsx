import type { ThreadEntry, ThreadStore } from "../../core/types.ts";
import { type Face, useFace } from "../face.ts";
import { Avatar } from "../parts/avatar.tsx";
import { RichText } from "../parts/rich_text.tsx";
import { isTime } from "../text/format.ts";
import { Bubble } from "./bubble.tsx";
import { entryKey, groupEntries, type GroupRow, isOwn } from "./grouping.ts";
import { Receipt } from "./receipt.tsx";

interface ThreadRowsProps {
  entries: readonly ThreadEntry[];
  store: ThreadStore;
}

/** The entries of a thread with their day separators. */
export function ThreadRows({ entries, store }: ThreadRowsProps) {
  const { formats } = useFace();
  const newestOwn = entries.findLast(isOwn);
  return (
    <>
      {groupEntries(entries).map((row) => {
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
              <RichText text={row.entry.body} />
            </p>
          );
        }
        return <Group key={row.key} row={row} newestOwn={newestOwn} store={store} />;
      })}
    </>
  );
}

interface GroupProps {
  row: GroupRow;
  newestOwn: ThreadEntry | undefined;
  store: ThreadStore;
}

function Group({ row, newestOwn, store }: GroupProps) {
  const { formats, strings } = useFace();
  const first = row.entries[0];
  if (!first) return null;
  const author = authorName(first, strings);
  return (
    <div class="group" data-own={row.own} role="group" aria-label={author}>
      {!row.own && <Avatar name={author} url={first.author.avatarUrl} />}
      <div class="group-body">
        <p class="group-head">
          {row.own ? <span class="hidden">{author}</span> : <span dir="auto">{author}</span>}
          {isTime(first.createdAt) && (
            <time class="meta" dateTime={first.createdAt}>{formats.time(first.createdAt)}</time>
          )}
        </p>
        {row.entries.map((entry) => (
          <div class="entry" key={entryKey(entry)} data-entry data-delivery={entry.delivery}>
            <Bubble entry={entry} />
            {entry.editedAt && !entry.deletedAt && <p class="receipt">{strings.edited}</p>}
            {row.own && <Receipt entry={entry} newest={entry === newestOwn} store={store} />}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The name that stands over an author's messages. */
export function authorName(entry: ThreadEntry, strings: Face["strings"]): string {
  if (isOwn(entry)) return strings.you;
  return entry.author.name || (entry.author.role === "bot" ? strings.assistant : strings.team);
}
