import { useEffect, useId, useState } from "preact/hooks";
import type { ReadonlySignal } from "../../client/platform/emitter.ts";
import type { Draft } from "../../client/sync/outbox.ts";
import { composes } from "../../kit/components/keys.ts";
import { useValue } from "../../kit/components/use_value.ts";
import { sends } from "../../kit/conversation/composer.tsx";
import type { SavedReply } from "../core/settings.ts";
import { useShell } from "./shell.ts";
import { words } from "./strings.ts";

const MOST_SHOWN = 6;
/** A draft that is nothing but a slash and the beginning of a shortcut. */
const ASKED = /^\/(\S*)$/;

/** What a saved reply may name, and have filled in. */
const KNOWN = ["visitor.name", "agent.name", "site.name"];
const PLACEHOLDER = /\{\{\s*([\w.]+)\s*\}\}/g;
/** With what parts it from the text before it. */
const PARTED = /([,，、]?[^\S\n]*)\{\{\s*([\w.]+)\s*\}\}/g;

/**
 * What stands in a saved reply for what differs each time, such as `{{visitor.name}}`, filled in. What is empty goes with the comma
 * or blank that parts it from the text; what is not known stays as it is.
 */
export function fillReply(body: string, values: Readonly<Record<string, string>>): string {
  const filled = body.replace(PARTED, (whole, before: string, name: string, at: number) => {
    if (!Object.hasOwn(values, name)) return whole;
    if (values[name]) return before + values[name];
    return at === 0 || body[at - 1] === "\n" ? "\0" : "";
  });
  // At the beginning of a line it is parted from the text behind it.
  return filled.replace(/\0[,，、]?[^\S\n]*/g, "");
}

/** What a text names that nothing fills in, as it stands there. */
export function unknownIn(text: string): string[] {
  const unknown = [...text.matchAll(PLACEHOLDER)].filter(([, name = ""]) => !KNOWN.includes(name));
  return [...new Set(unknown.map(([whole]) => whole))];
}

/** In any case, with accents or without. */
const folded = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Those that a draft asks for, by shortcut first and by text; `null` if it asks for none. */
export function repliesFor(draft: string, replies: readonly SavedReply[]): SavedReply[] | null {
  const shortcut = ASKED.exec(draft)?.[1];
  if (shortcut === undefined) return null;
  const asked = folded(shortcut);
  const starts = replies.filter(({ shortcut }) => folded(shortcut).startsWith(asked));
  const holds = replies.filter((reply) => !starts.includes(reply) && folded(reply.body).includes(asked));
  return [...starts, ...holds].slice(0, MOST_SHOWN);
}

export interface ReplyPicker {
  /** `null` while none is asked for, or none is known. */
  found: readonly SavedReply[] | null;
  /** Some are asked for, and the list has yet to come, could not, or is empty. */
  missing: "loading" | "failed" | "none" | null;
  chosen: number;
  /** What the draft names and nothing fills in. */
  unknown: readonly string[];
  listId: string;
  pick(reply: SavedReply): void;
  /** Takes the keys that move in the list and choose from it. */
  onKeyDown(event: KeyboardEvent): void;
}

/** Saved replies for the draft: asked of the server when the first one is wanted, and when the team was told anew meanwhile. */
export function useReplyPicker(
  draft: ReadonlySignal<Draft>,
  setDraft: (text: string) => void,
  values: Readonly<Record<string, string>>,
): ReplyPicker {
  const { team } = useShell();
  const { text } = useValue(draft);
  const told = useValue(team.agent);
  const replies = useValue<readonly SavedReply[] | null>(team.settings.knownReplies);
  const [hasFailed, setFailed] = useState(false);
  const [chosen, setChosen] = useState(0);
  const [dismissed, setDismissed] = useState("");
  const listId = useId();
  const isAsked = ASKED.test(text) && text !== dismissed;
  const found = isAsked && replies ? repliesFor(text, replies) : null;
  const missing = isAsked ? missingOf(replies, hasFailed) : null;

  useEffect(() => {
    if (!isAsked) return;
    let isWanted = true;
    setFailed(false);
    void team.settings.replies().then((result) => {
      if (isWanted) setFailed(!result.ok);
    });
    return () => {
      isWanted = false;
    };
  }, [isAsked, team, told]);
  useEffect(() => setChosen(0), [text]);

  const pick = ({ body }: SavedReply) => setDraft(fillReply(body, values));

  function onKeyDown(event: KeyboardEvent) {
    if (composes(event)) return;
    if (missing === "loading" && sends(event)) return take(event);
    if (missing === null && found?.length === 0 && sends(event) && !event.ctrlKey && !event.metaKey) {
      return take(event);
    }
    if (!found || found.length === 0) return;
    const reply = found[Math.min(chosen, found.length - 1)];
    if (event.key === "ArrowDown") setChosen((chosen + 1) % found.length);
    else if (event.key === "ArrowUp") setChosen((chosen + found.length - 1) % found.length);
    else if (event.key === "Escape") setDismissed(text);
    else if ((sends(event) || event.key === "Tab" && !event.shiftKey) && reply) pick(reply);
    else return;
    take(event);
  }

  return { found, missing, chosen, unknown: unknownIn(text), listId, pick, onKeyDown };
}

function missingOf(replies: readonly SavedReply[] | null, hasFailed: boolean): ReplyPicker["missing"] {
  if (replies) return replies.length === 0 ? "none" : null;
  return hasFailed ? "failed" : "loading";
}

function take(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}

export function ReplyList({ found, missing, chosen, unknown, listId, pick }: ReplyPicker) {
  if (unknown.length > 0) return <p class="saved-none" role="status">{words.unknownNames(unknown)}</p>;
  if (missing) return <p class="saved-none" role="status">{words.missingReplies[missing]}</p>;
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
