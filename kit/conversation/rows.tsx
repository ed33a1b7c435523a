import type { ThreadEntry } from "../../client/sync/outbox.ts";
import { useText } from "../text/text_context.ts";
import { Avatar } from "../components/avatar.tsx";
import { RichText } from "../components/rich_text.tsx";
import type { AuthorRole } from "../../shared/items.ts";
import type { Strings } from "../strings/en.ts";
import { isTime } from "../text/format.ts";
import { entryKey, groupEntries, type GroupRow, isOwn } from "./grouping.ts";
import { Bubble, Receipt, type Resending } from "./entry.tsx";

interface ThreadRowsProps {
  entries: readonly ThreadEntry[];
  viewer: AuthorRole;
  resending: Resending;
}

/** The entries of a thread with their day separators. */
export function ThreadRows({ entries, viewer, resending }: ThreadRowsProps) {
  const { formats } = useText();
  const newestOwn = entries.findLast((entry) => isOwn(entry, viewer));
  return (
    <>
      {groupEntries(entries, viewer).map((row) => {
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
        return <Group key={row.key} {...{ row, newestOwn, viewer, resending }} />;
      })}
    </>
  );
}

interface GroupProps {
  row: GroupRow;
  newestOwn: ThreadEntry | undefined;
  viewer: AuthorRole;
  resending: Resending;
}

function Group({ row, newestOwn, viewer, resending }: GroupProps) {
  const { formats, strings } = useText();
  const first = row.entries[0];
  if (!first) return null;
  const author = authorName(first, strings, viewer);
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
            {row.own && <Receipt entry={entry} newest={entry === newestOwn} resending={resending} />}
          </div>
        ))}
      </div>
    </div>
  );
}

/** The name that stands over an author's messages. */
export function authorName(entry: ThreadEntry, strings: Strings, viewer: AuthorRole): string {
  if (isOwn(entry, viewer)) return strings.you;
  return entry.author.name || (entry.author.role === "bot" ? strings.assistant : strings.team);
}
