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
  const newest = useRef<string | null | undefined>(undefined);
  const last = entries.at(-1);
  const key = last ? entryKey(last) : null;

  useLayoutEffect(() => {
    if (!ready) return;
    const isNews = newest.current !== undefined && newest.current !== key;
    newest.current = key;
    if (isNews && last && !isOwn(last)) setNews(strings.messageBy(authorName(last, strings), last.body));
  }, [key, ready]);

  return <div class="hidden" role="status" aria-live="polite">{news}</div>;
}
