import type { Result } from "../../client/http/problem.ts";
import type { ConversationEntry, ConversationSource } from "../../client/sync/conversation_setup.ts";
import { compareEntries, type StreamEntry } from "../../client/sync/conversation_events.ts";

/**
 * All entries of a conversation, oldest first, each once. `told` hears how many are there after each page; `false` ends it with
 * what has come so far.
 */
export async function readAll(
  { fetchPage }: Pick<ConversationSource, "fetchPage">,
  told: (count: number) => boolean,
): Promise<Result<ConversationEntry[]>> {
  const entries = new Map<string, StreamEntry>();
  let cursor: string | undefined;
  do {
    const page = await fetchPage(cursor);
    if (!page?.ok) return page ?? { ok: true, value: [] };
    const { length } = page.value.entries;
    for (const entry of page.value.entries) if (!entries.has(entry.id)) entries.set(entry.id, entry);
    // A page that brings nothing would be asked for again and again.
    cursor = length > 0 ? page.value.nextCursor : undefined;
  } while (told(entries.size) && cursor !== undefined);
  return { ok: true, value: [...entries.values()].sort(compareEntries) };
}
