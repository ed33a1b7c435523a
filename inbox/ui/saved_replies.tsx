import { useEffect, useId, useState } from "preact/hooks";
import type { ReadonlySignal } from "../../client/platform/emitter.ts";
import type { Draft } from "../../client/sync/outbox.ts";
import { useValue } from "../../kit/components/use_value.ts";
import type { SavedReply } from "../core/settings.ts";
import { useShell } from "./shell.ts";
import { words } from "./strings.ts";

const MOST_SHOWN = 6;
/** A draft that is nothing but a slash and the beginning of a shortcut. */
const ASKED = /^\/(\S*)$/;

/** What stands in a saved reply for what differs each time, such as `{{visitor.name}}`. What is not known stays as it is. */
export function fillReply(body: string, values: Readonly<Record<string, string>>): string {
  return body.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Those that a draft asks for, by shortcut first and by text; `null` if it asks for none. */
export function repliesFor(draft: string, replies: readonly SavedReply[]): SavedReply[] | null {
  const asked = ASKED.exec(draft)?.[1]?.toLowerCase();
  if (asked === undefined) return null;
  const starts = replies.filter(({ shortcut }) => shortcut.toLowerCase().startsWith(asked));
  const holds = replies.filter((reply) =>
    !starts.includes(reply) && reply.body.toLowerCase().includes(asked)
  );
  return [...starts, ...holds].slice(0, MOST_SHOWN);
}

export interface ReplyPicker {
  /** `null` while none is asked for. */
  found: readonly SavedReply[] | null;
  chosen: number;
  listId: string;
  pick(reply: SavedReply): void;
  /** Takes the keys that move in the list and choose from it. */
  onKeyDown(event: KeyboardEvent): void;
}

/** Saved replies for the draft: asked of the server when the first one is wanted. */
export function useReplyPicker(
  draft: ReadonlySignal<Draft>,
  setDraft: (text: string) => void,
  values: Readonly<Record<string, string>>,
): ReplyPicker {
  const { team } = useShell();
  const { text } = useValue(draft);
  const [replies, setReplies] = useState<readonly SavedReply[]>([]);
  const [chosen, setChosen] = useState(0);
  const [dismissed, setDismissed] = useState("");
  const listId = useId();
  const isAsked = ASKED.test(text) && text !== dismissed;
  const found = isAsked ? repliesFor(text, replies) : null;

  useEffect(() => {
    if (!isAsked) return;
    let isWanted = true;
    void team.settings.replies().then((result) => {
      if (isWanted && result.ok) setReplies(result.value);
    });
    return () => {
      isWanted = false;
    };
  }, [isAsked, team]);
  useEffect(() => setChosen(0), [text]);

  const pick = ({ body }: SavedReply) => setDraft(fillReply(body, values));

  function onKeyDown(event: KeyboardEvent) {
    if (!found || found.length === 0 || event.isComposing) return;
    const reply = found[Math.min(chosen, found.length - 1)];
    if (event.key === "ArrowDown") setChosen((chosen + 1) % found.length);
    else if (event.key === "ArrowUp") setChosen((chosen + found.length - 1) % found.length);
    else if (event.key === "Escape") setDismissed(text);
    else if ((event.key === "Enter" || event.key === "Tab") && reply) pick(reply);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return { found, chosen, listId, pick, onKeyDown };
}

export function ReplyList({ found, chosen, listId, pick }: ReplyPicker) {
  if (!found) return null;
  if (found.length === 0) return <p class="saved-none" role="status">{words.noSavedReply}</p>;
  return (
    <ul class="saved" id={listId} role="listbox" aria-label={words.savedReplies}>
      {found.map((reply, index) => (
        <li
          key={reply.id}
          id={`${listId}-${index}`}
          role="option"
          aria-selected={index === chosen}
          onPointerDown={(event) => {
            event.preventDefault();
            pick(reply);
          }}
        >
          <b>/{reply.shortcut}</b>
          <span dir="auto">{reply.body}</span>
        </li>
      ))}
    </ul>
  );
}
