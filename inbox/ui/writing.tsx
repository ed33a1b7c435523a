import { useMemo, useRef, useState } from "preact/hooks";
import { Composer } from "../../kit/conversation/composer.tsx";
import { TextContext, useText } from "../../kit/text/text_context.ts";
import type { Thread } from "../core/thread.ts";
import { words } from "./strings.ts";

const MODES = ["reply", "note"] as const;
type Mode = (typeof MODES)[number];
const KEYS: Record<Mode, string> = { reply: "r", note: "n" };

/** Where an operator writes: a reply to the visitor, or a note that only the team sees. Each has a draft of its own. */
export function Writing({ thread }: { thread: Thread }) {
  const text = useText();
  const [mode, setMode] = useState<Mode>("reply");
  const [hasTurned, setTurned] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const noteText = useMemo(() => ({ ...text, strings: { ...text.strings, writeMessage: words.note } }), [
    text,
  ]);
  const isNote = mode === "note";

  function turnTo(next: Mode) {
    if (next === mode) frame.current?.querySelector("textarea")?.focus();
    setMode(next);
    setTurned(true);
  }

  return (
    <div class="writing" data-mode={mode} ref={frame}>
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
          autoFocus={hasTurned || !matchMedia("(pointer: coarse)").matches}
          draft={isNote ? thread.noteDraft : thread.draft}
          onInput={isNote ? thread.setNoteDraft : thread.setDraft}
          onSend={isNote ? thread.sendNote : thread.send}
        />
      </TextContext.Provider>
    </div>
  );
}
