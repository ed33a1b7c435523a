import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ThreadEntry } from "../../client/sync/outbox.ts";
import type { AuthorRole } from "../../shared/items.ts";
import { useText } from "../text/text_context.ts";
import { entryKey, isOwn } from "./grouping.ts";
import { authorName } from "./rows.tsx";

interface AnnouncerProps {
  viewer: AuthorRole;
  entries: readonly ThreadEntry[];
  /** What is there when the thread opens is not news. */
  ready: boolean;
}

/** Tells screen readers about messages that arrive while the thread is open. */
export function Announcer({ entries, viewer, ready }: AnnouncerProps) {
  const { strings } = useText();
  const [news, setNews] = useState("");
  const known = useRef<Set<string> | undefined>(undefined);
  const last = entries.at(-1);

  useLayoutEffect(() => {
    if (!ready) return;
    const isNews = known.current && last && !known.current.has(entryKey(last));
    known.current = new Set(entries.map(entryKey));
    if (isNews && !isOwn(last, viewer) && !last.deletedAt) {
      setNews(strings.messageBy(authorName(last, strings, viewer), last.body));
    }
  }, [entries, ready]);

  return <div class="hidden" role="status" aria-live="polite">{news}</div>;
}
