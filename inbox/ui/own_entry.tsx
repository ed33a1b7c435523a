import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Problem } from "../../client/http/problem.ts";
import { versionOf } from "../../client/sync/kept_edits.ts";
import type { ThreadEntry } from "../../client/sync/pending.ts";
import { composes } from "../../kit/components/keys.ts";
import { MAX_CHARACTERS, sends } from "../../kit/conversation/composer.tsx";
import { focusEntry, Growing } from "../../kit/conversation/growing.tsx";
import { useCorrection } from "../../kit/conversation/versions.ts";
import { problemText, TextContext, useText } from "../../kit/text/text_context.ts";
import type { Thread } from "../core/thread.ts";
import { kitStrings, words } from "./strings.ts";

/** What the store has has a number; what is still on its way has none. */
export const STORED = /^(note )?\d+$/;

interface EntryProps {
  entry: ThreadEntry;
  thread: Thread;
}

/** Beside an entry of the team's: that it is a note, that it grows, and what its writer can do about it. */
export function TeamEntry({ entry, thread }: EntryProps) {
  const { strings } = useText();
  if (entry.status) return <Growing status={entry.status} stop={() => thread.stop(entry.id)} />;
  const isOwn = entry.author.role === "operator" && entry.author.name === undefined && STORED.test(entry.id);
  const isMine = isOwn && !entry.deletedAt;
  if (isOwn && entry.deletedAt) return <LostEdit entry={entry} thread={thread} />;
  return (
    <>
      {entry.noteId !== undefined && <span class="note-mark">{words.internalNote}</span>}
      {isMine && <OwnEntry entry={entry} thread={thread} />}
      {entry.delivery === "waiting" && (
        <p class="receipt">
          <button type="button" class="link" onClick={() => thread.discard(entry.clientId ?? "")}>
            {strings.discard}
          </button>
        </p>
      )}
    </>
  );
}

/**
 * Change or delete; to delete takes a second press. What was written stays until the server has it, also beyond the page;
 * Cancel and Escape end it.
 */
function OwnEntry({ entry, thread }: EntryProps) {
  const { strings } = useText();
  const [kept] = useState(() => thread.edits.read(entry.id));
  const [doing, setDoing] = useState<"nothing" | "editing" | "deleting">(kept ? "editing" : "nothing");
  const [isAsked, setAsked] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const now = { ...entry, version: versionOf(entry) };
  const { body: began, version, newer, keep, begin } = useCorrection(
    thread.edits,
    now,
    kept,
    doing === "editing",
  );
  const [saving, setSaving] = useState(false);
  const tools = useRef<HTMLParagraphElement>(null);
  const wasEditing = useRef(false);

  // Whatever was refused was refused of what it said before.
  useLayoutEffect(() => setProblem(null), [version]);
  // The field goes with the focus in it.
  useLayoutEffect(() => {
    if (wasEditing.current && isLost(document.activeElement)) tools.current?.querySelector("button")?.focus();
    wasEditing.current = doing === "editing";
  }, [doing]);
  // What was deleted has no tools: who pressed them is left with the entry.
  useLayoutEffect(() => () => focusEntry(tools.current), []);

  function turnTo(next: typeof doing) {
    if (saving) return;
    begin();
    setAsked(true);
    setProblem(null);
    setDoing(next);
  }

  async function change(body: string | null) {
    if (saving) return;
    setSaving(true);
    const refused = await thread.change(entry, body, body === null ? undefined : version);
    setSaving(false);
    setProblem(refused);
    if (refused) return;
    thread.edits.keep(entry.id, "");
    setDoing("nothing");
  }

  if (doing === "editing") {
    return (
      <Editor
        text={began}
        begun={isAsked ? "" : kept?.text ?? ""}
        autoFocus={isAsked}
        saving={saving}
        problem={problem}
        newer={newer}
        onInput={keep}
        onSave={(body) => void change(body)}
        onCancel={() => turnTo("nothing")}
      />
    );
  }
  return (
    <>
      <Tools
        isAsking={doing === "deleting"}
        place={tools}
        turnTo={turnTo}
        onDelete={() => void change(null)}
      />
      {problem && <p class="receipt problem" role="alert">{problemText(problem, strings)}</p>}
    </>
  );
}

interface ToolsProps {
  /** Whether to delete it. */
  isAsking: boolean;
  place: RefObject<HTMLParagraphElement | null>;
  turnTo(next: "nothing" | "editing" | "deleting"): void;
  onDelete(): void;
}

/** The first press on Delete asks; Escape and Cancel answer with no. */
function Tools({ isAsking, place, turnTo, onDelete }: ToolsProps) {
  const { strings } = useText();
  const button = (label: string, onClick: () => void) => (
    <button type="button" class="link" onClick={onClick}>{label}</button>
  );
  return (
    <p
      class="own-tools"
      ref={place}
      data-asking={isAsking}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !isAsking) return;
        event.stopPropagation();
        turnTo("nothing");
      }}
    >
      {isAsking ? button(words.deleteNow, onDelete) : button(strings.edit, () => turnTo("editing"))}
      {button(isAsking ? strings.cancel : kitStrings.delete, () => turnTo(isAsking ? "nothing" : "deleting"))}
    </p>
  );
}

/** What was to stand in a message that is deleted now, until it is moved or discarded. */
function LostEdit({ entry: { id, noteId }, thread }: EntryProps) {
  const { strings } = useText();
  const [text, setText] = useState(() => thread.edits.read(id)?.text ?? "");
  const end = () => {
    thread.edits.keep(id, "");
    setText("");
  };
  const move = () => {
    const isNote = noteId !== undefined;
    const { value } = isNote ? thread.noteDraft : thread.draft;
    (isNote ? thread.setNoteDraft : thread.setDraft)([value.text, text].filter(Boolean).join("\n"));
    end();
  };
  if (!text) return null;
  return (
    <div class="editor" role="group" aria-label={words.lostEdit}>
      <p class="receipt problem" role="alert">{words.lostEdit}</p>
      <p dir="auto">{text}</p>
      <p class="editor-buttons">
        <button type="button" class="tool" onClick={end}>{strings.discard}</button>
        <button type="button" class="tool" onClick={move}>{words.moveToDraft}</button>
      </p>
    </div>
  );
}

const isLost = (focused: Element | null) => focused === null || focused === document.body;

interface EditorProps {
  text: string;
  /** What the field begins with, where that is something else. */
  begun: string;
  /** It was asked for just now. */
  autoFocus: boolean;
  /** The text is on its way. */
  saving: boolean;
  /** Why it was refused last. */
  problem: Problem | null;
  /** What the message says since it was changed elsewhere: to save once more overwrites it. */
  newer: string | null;
  onInput: (body: string) => void;
  onSave: (body: string) => void;
  onCancel: () => void;
}

function Editor({ text, begun, autoFocus, saving, problem, newer, onInput, onSave, onCancel }: EditorProps) {
  const { strings } = useText();
  const field = useRef<HTMLTextAreaElement>(null);
  const [excess, setExcess] = useState(0);
  const note = excess > 0 ? strings.tooLong(excess) : problem && problemText(problem, strings);
  useLayoutEffect(() => {
    if (autoFocus) field.current?.focus();
  }, []);

  function save() {
    const body = field.current?.value.trim() ?? "";
    if (excess > 0) return;
    if (body === "" || body === text.trim()) onCancel();
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
        defaultValue={begun || text}
        readOnly={saving}
        onInput={({ currentTarget: { value } }) => {
          setExcess(value.trim().length - MAX_CHARACTERS);
          onInput(value);
        }}
        aria-label={words.changedText}
        onKeyDown={(event) => {
          if (event.key === "Escape" && !composes(event)) onCancel();
          if (!sends(event)) return;
          event.preventDefault();
          save();
        }}
      />
      {newer !== null && (
        <p class="receipt problem" role="alert" dir="auto">{words.changedElsewhere(newer)}</p>
      )}
      {note && <p class="receipt problem" role="alert">{note}</p>}
      <p class="editor-buttons">
        <button type="button" class="tool" onClick={onCancel}>{strings.cancel}</button>
        <button type="submit" class="tool" aria-disabled={saving || excess > 0}>{kitStrings.save}</button>
      </p>
    </form>
  );
}

/** Has words for why a message was not sent. */
export function SendRefusals({ children }: { children: ComponentChildren }) {
  const text = useText();
  const own = useMemo(() => {
    const problems = { ...text.strings.problems, ...words.notSent };
    return { ...text, strings: { ...text.strings, problems } };
  }, [text]);
  return <TextContext.Provider value={own}>{children}</TextContext.Provider>;
}
