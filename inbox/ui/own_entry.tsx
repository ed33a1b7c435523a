import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../client/http/problem.ts";
import type { ThreadEntry } from "../../client/sync/pending.ts";
import { sends } from "../../kit/conversation/composer.tsx";
import { problemText, useText } from "../../kit/text/text_context.ts";
import type { Thread } from "../core/thread.ts";
import { words } from "./strings.ts";

/** What the store has has a number; what is still on its way has none. */
const STORED = /^(note )?\d+$/;

interface EntryProps {
  entry: ThreadEntry;
  thread: Thread;
}

/** Beside an entry of the team's: that it is a note, and what its writer can do about it. */
export function TeamEntry({ entry, thread }: EntryProps) {
  const isMine = entry.author.name === undefined && STORED.test(entry.id) && !entry.deletedAt;
  return (
    <>
      {entry.noteId !== undefined && <span class="note-mark">{words.internalNote}</span>}
      {isMine && <OwnEntry entry={entry} thread={thread} />}
    </>
  );
}

/** Change or delete; to delete takes a second press. */
function OwnEntry({ entry, thread }: EntryProps) {
  const { strings } = useText();
  const [doing, setDoing] = useState<"nothing" | "editing" | "deleting">("nothing");
  const [problem, setProblem] = useState<Problem | null>(null);

  async function change(body: string | null) {
    setDoing("nothing");
    setProblem(await thread.change(entry, body));
  }

  const button = (label: string, onClick: () => void) => (
    <button type="button" class="link" onClick={onClick}>{label}</button>
  );
  if (doing === "editing") {
    return (
      <Editor
        text={entry.body}
        onSave={(body) => void change(body)}
        onCancel={() => setDoing("nothing")}
      />
    );
  }
  return (
    <>
      <p class="own-tools" data-asking={doing === "deleting"}>
        {doing === "deleting"
          ? button(words.deleteNow, () => void change(null))
          : button(strings.edit, () => setDoing("editing"))}
        {button(
          doing === "deleting" ? strings.cancel : strings.delete,
          () => setDoing(doing === "deleting" ? "nothing" : "deleting"),
        )}
      </p>
      {problem && <p class="receipt problem" role="alert">{problemText(problem, strings)}</p>}
    </>
  );
}

interface EditorProps {
  text: string;
  onSave: (body: string) => void;
  onCancel: () => void;
}

function Editor({ text, onSave, onCancel }: EditorProps) {
  const { strings } = useText();
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);

  function save() {
    const body = field.current?.value.trim() ?? "";
    if (body === "" || body === text) onCancel();
    else onSave(body);
  }

  return (
    <form
      class="editor"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        ref={field}
        rows={2}
        dir="auto"
        defaultValue={text}
        aria-label={words.changedText}
        onKeyDown={(event) => {
          if (event.key === "Escape") onCancel();
          if (!sends(event)) return;
          event.preventDefault();
          save();
        }}
      />
      <p class="editor-buttons">
        <button type="button" class="tool" onClick={onCancel}>{strings.cancel}</button>
        <button type="submit" class="tool">{strings.save}</button>
      </p>
    </form>
  );
}
