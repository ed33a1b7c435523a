import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useText } from "../text/text_context.ts";
import { Icon } from "../components/icon.tsx";

const MAX_LINES = 6;
/** What the server takes (shared/api/tab_action.ts). */
const MAX_CHARACTERS = 10_000;

interface ComposerProps {
  autoFocus: boolean;
  onSend: (body: string) => void;
}

/** Grows from one to six lines. Enter sends, Shift+Enter breaks, a composition in progress never sends. */
export function Composer({ autoFocus, onSend }: ComposerProps) {
  const { strings } = useText();
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  const body = text.trim();

  useLayoutEffect(() => {
    if (field.current) grow(field.current);
  }, [text]);

  useLayoutEffect(() => {
    if (autoFocus) field.current?.focus({ preventScroll: true });
  }, []);

  function submit() {
    if (!body) return;
    onSend(body);
    setText("");
    field.current?.focus();
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        value={text}
        maxLength={MAX_CHARACTERS}
        placeholder={strings.writeMessage}
        aria-label={strings.writeMessage}
        enterkeyhint="send"
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (!sends(event)) return;
          event.preventDefault();
          submit();
        }}
      />
      <button
        type="submit"
        class="send"
        aria-label={strings.send}
        disabled={!body}
        // Keeps the focus, and with it a phone's keyboard, in the field.
        onPointerDown={(event) => event.preventDefault()}
      >
        <Icon name="send" />
      </button>
    </form>
  );
}

/** Safari ends a composition before the Enter that ended it, and marks that key with code 229. */
export function sends(event: Pick<KeyboardEvent, "key" | "shiftKey" | "isComposing" | "keyCode">): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

function grow(field: HTMLTextAreaElement): void {
  const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(field);
  const highest = MAX_LINES * parseFloat(lineHeight) + parseFloat(paddingTop) + parseFloat(paddingBottom);
  field.style.blockSize = "auto";
  field.style.blockSize = `${Math.min(field.scrollHeight, highest || field.scrollHeight)}px`;
}
