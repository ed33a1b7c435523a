import { useState } from "preact/hooks";
import type { ThreadEntry } from "../../../client/sync/pending.ts";
import { dateOf, daysBetween } from "../../../kit/text/format.ts";
import { useText } from "../../../kit/text/text_context.ts";
import { lineWords } from "./words.ts";

/** More lines than that in a row are folded, but for the newest. */
const MOST = 4;
const SHOWN = 2;

/** A thread in which lines that follow each other within a day stand as one entry: the first of them. */
export interface FoldedThread<One extends ThreadEntry> {
  entries: One[];
  /** By the id of the entry that stands for them. */
  lines: Map<string, One[]>;
}

export function foldLines<One extends ThreadEntry>(entries: readonly One[]): FoldedThread<One> {
  const folded: FoldedThread<One> = { entries: [], lines: new Map() };
  for (const entry of entries) {
    const last = folded.entries.at(-1);
    const before = last && folded.lines.get(last.id);
    if (entry.change && before && isSameDay(before[0], entry)) before.push(entry);
    else {
      folded.entries.push(entry);
      if (entry.change) folded.lines.set(entry.id, [entry]);
    }
  }
  return folded;
}

function isSameDay(one: ThreadEntry | undefined, other: ThreadEntry): boolean {
  return one?.createdAt !== undefined && other.createdAt !== undefined &&
    daysBetween(one.createdAt, dateOf(other.createdAt)) === 0;
}

/** What became of the conversation, one short line each; when, on pointing at it. */
export function Lines({ lines }: { lines: readonly ThreadEntry[] }) {
  const { formats } = useText();
  const [isOpen, setOpen] = useState(false);
  const folded = lines.length > MOST ? lines.length - SHOWN : 0;
  return (
    <>
      {folded > 0 && (
        <button
          type="button"
          class="link"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {lineWords.more(folded)}
        </button>
      )}
      {lines.slice(isOpen ? 0 : folded).map(({ id, body, createdAt = "" }) => (
        <span class="line" key={id} data-line={id} title={formats.full(createdAt)}>
          {body}
          <time class="hidden" dateTime={createdAt}>{`, ${formats.time(createdAt)}`}</time>
        </span>
      ))}
    </>
  );
}
