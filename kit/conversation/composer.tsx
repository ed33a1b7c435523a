import { useLayoutEffect, useRef } from "preact/hooks";
import type { ReadonlySignal } from "../../client/platform/emitter.ts";
import type { Draft } from "../../client/sync/outbox.ts";
import { isBlank } from "../../shared/text.ts";
import { problemText, useText } from "../text/text_context.ts";
import { Icon } from "../components/icon.tsx";
import { composes } from "../components/keys.ts";
import { useValue } from "../components/use_value.ts";

/** What the server takes (shared/api/tab_action.ts). */
export const MAX_CHARACTERS = 10_000;

interface ComposerProps {
  autoFocus: boolean;
  draft: ReadonlySignal<Draft>;
  onInput: (text: string) => void;
  onSend: (body: string) => void;
}

/** Grows from one to six lines. Enter sends, Shift+Enter breaks, a composition in progress never sends. */
export function Composer({ autoFocus, draft, onInput, onSend }: ComposerProps) {
  const { strings } = useText();
  const { text, problem } = useValue(draft);
  const field = useRef<HTMLTextAreaElement>(null);
  const body = text.trim();
  const excess = body.length - MAX_CHARACTERS;
  const canSend = excess <= 0 && !isBlank(body);
  const note = excess > 0 ? strings.tooLong(excess) : problem && problemText(problem, strings);

  useLayoutEffect(() => {
    if (field.current) grow(field.current);
  }, [text]);

  useLayoutEffect(() => {
    if (autoFocus) field.current?.focus({ preventScroll: true });
  }, []);

  function submit() {
    if (!canSend) return;
    onSend(body);
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
      {note && <p role="alert">{note}</p>}
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        value={text}
        placeholder={strings.writeMessage}
        aria-label={strings.writeMessage}
        enterkeyhint="send"
        onInput={(event) => onInput(event.currentTarget.value)}
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
        disabled={!canSend}
        // Keeps the focus, and with it a phone's keyboard, in the field.
        onPointerDown={(event) => event.preventDefault()}
      >
        <Icon name="send" />
      </button>
    </form>
  );
}

/** Whether a key sends what was written: Enter, unless it breaks the line or belongs to a composition. */
export function sends(event: Pick<KeyboardEvent, "key" | "shiftKey" | "isComposing" | "keyCode">): boolean {
  return event.key === "Enter" && !event.shiftKey && !composes(event);
}

function grow(field: HTMLTextAreaElement): void {
  const { style } = field;
  // Reading a size lays the page out: not for a field that has never been more than a line.
  if (!field.value && !style.blockSize) return;
  style.blockSize = "auto";
  style.blockSize = `min(6lh + 34px, ${field.scrollHeight}px)`;
}
