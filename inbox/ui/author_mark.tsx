import type { ThreadEntry } from "../../client/sync/pending.ts";
import type { EntryTools } from "../../kit/conversation/rows.tsx";
import type { Row } from "../core/rows.ts";
import { UnverifiedChip } from "./list_row.tsx";
import { isUnverified } from "./names.ts";
import { words } from "./strings.ts";

/**
 * What stands beside the name of whoever wrote in a conversation: that it was a bot, and in a room that a visitor only says that
 * they are called so. Outside a room the visitor's name stands in the header, which says it there.
 */
export function markIn(row: Row | null): EntryTools {
  return (entry) => {
    if (entry.author.role === "bot") return <span class="chip">{words.bot}</span>;
    return row?.kind === "room" && onlySays(entry) ? <UnverifiedChip /> : null;
  };
}

/** Whoever says no name is shown by their id, of which nothing needs to be said. */
function onlySays({ author: { role, id, name = "" } }: ThreadEntry): boolean {
  if (role !== "visitor" || id === undefined || name === id) return false;
  return isUnverified({ name, email: null, identified: !id.startsWith("anon_") });
}
