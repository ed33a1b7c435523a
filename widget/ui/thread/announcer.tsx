import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ThreadEntry } from "../../core/types.ts";
import { useFace } from "../face.ts";
import { entryKey, isOwn } from "./grouping.ts";
import { authorName } from "./rows.tsx";

interface AnnouncerProps {
  entries: readonly ThreadEntry[];
  /** What is there when the thread opens is not news. */
  ready: boolean;
}

/** Tells screen readers about messages that arrive while the thread is open. */
export function Announcer({ entries, ready }: AnnouncerProps) {
  const { strings } = useFace();
  const [news, setNews] = useState("");
  const known = useRef<Set<string> | undefined>(undefined);
  const last = entries.at(-1);

  useLayoutEffect(() => {
    if (!ready) return;
    const isNews = known.current && last && !known.current.has(entryKey(last));
    known.current = new Set(entries.map(entryKey));
    if (isNews && !isOwn(last) && !last.deletedAt) {
      setNews(strings.messageBy(authorName(last, strings), last.body));
    }
  }, [entries, ready]);

  return <div class="hidden" role="status" aria-live="polite">{news}</div>;
}
