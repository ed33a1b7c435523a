import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Composer } from "../../kit/conversation/composer.tsx";
import { TextContext, useText } from "../../kit/text/text_context.ts";
import type { Thread } from "../core/thread.ts";
import { ReplyList, useReplyPicker } from "./saved_replies.tsx";
import { words } from "./strings.ts";

const MODES = ["reply", "note"] as const;
type Mode = (typeof MODES)[number];
const KEYS: Record<Mode, string> = { reply: "r", note: "n" };

/** What the field and its button say while a note is written. */
const noteStrings = { writeMessage: words.note, send: words.addNote };

/** By conversation, for as long as the page lives: whoever comes back to a half-written note must not write a reply. */
const lastModes = new Map<string, Mode>();

interface WritingProps {
  thread: Thread;
  /** What saved replies may name, such as `visitor.name`. */
  values: Readonly<Record<string, string>>;
}

/** Where an operator writes: a reply to the visitor, or a note that only the team sees. Each has a draft of its own. */
export function Writing({ thread, values }: WritingProps) {
  const text = useText();
  const [mode, setMode] = useState<Mode>(lastModes.get(thread.id) ?? "reply");
  const [hasTurned, setTurned] = useState(false);
  const [isDropped, writeOn] = useDroppedFiles();
  const frame = useRef<HTMLDivElement>(null);
  const noteText = useMemo(() => ({ ...text, strings: { ...text.strings, ...noteStrings } }), [text]);
  const isNote = mode === "note";
  const picker = useReplyPicker(thread.draft, thread.setDraft, values);
  const { found, chosen, listId } = picker;

  useLayoutEffect(() => {
    const field = frame.current?.querySelector("textarea");
    const isOpen = !isNote && found !== null && found.length > 0;
    for (
      const [name, value] of [["aria-controls", listId], ["aria-activedescendant", `${listId}-${chosen}`]]
    ) {
      if (isOpen) field?.setAttribute(name ?? "", value ?? "");
      else field?.removeAttribute(name ?? "");
    }
  }, [isNote, found, chosen, listId]);

  function turnTo(next: Mode) {
    if (next === mode) frame.current?.querySelector("textarea")?.focus();
    lastModes.set(thread.id, next);
    setMode(next);
    setTurned(true);
  }

  return (
    <div
      class="writing"
      data-mode={mode}
      ref={frame}
      onInput={writeOn}
      onKeyDownCapture={isNote ? undefined : picker.onKeyDown}
    >
      {!isNote && <ReplyList {...picker} />}
      <div class="modes" role="group" aria-label={words.writeAs}>
        {MODES.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === mode}
            aria-keyshortcuts={KEYS[each]}
            title={words.withKey(words.modes[each], KEYS[each])}
            onClick={() => turnTo(each)}
          >
            {words.modes[each]}
          </button>
        ))}
      </div>
      <TextContext.Provider value={isNote ? noteText : text}>
        <Composer
          key={mode}
          autoFocus={hasTurned}
          draft={isNote ? thread.noteDraft : thread.draft}
          onInput={isNote ? thread.setNoteDraft : thread.setDraft}
          onSend={isNote ? thread.sendNote : thread.send}
        />
      </TextContext.Provider>
      <div role="alert">{isDropped && <p class="strip">{words.noFiles}</p>}</div>
    </div>
  );
}

/** Whether a file was dropped, until somebody writes on. Browsers would leave the page for it. */
function useDroppedFiles(): [boolean, writeOn: () => void] {
  const [isDropped, setDropped] = useState(false);
  useLayoutEffect(() => {
    const ending = new AbortController();
    const take = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      if (event.type === "drop") setDropped(true);
    };
    addEventListener("dragover", take, { signal: ending.signal });
    addEventListener("drop", take, { signal: ending.signal });
    return () => ending.abort();
  }, []);
  return [isDropped, () => setDropped(false)];
}
