import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { versionOf } from "../../../client/sync/kept_edits.ts";
import type { ThreadEntry } from "../../../client/sync/pending.ts";
import type { Problem } from "../../../client/http/problem.ts";
import { sends } from "../../../kit/conversation/composer.tsx";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import type { EntryTools } from "../../../kit/conversation/rows.tsx";
import type { KeptConversation } from "../../core/kept_conversation.ts";
import type { ThreadStore } from "../../core/thread.ts";
import { onLongPress } from "./long_press.ts";
import { useCorrection } from "../../../kit/conversation/versions.ts";
import { Growing } from "../../../kit/conversation/growing.tsx";
import { useWords } from "./words.ts";

const MAX_CHARACTERS = 10_000;
/** Of a message, in the name of its menu. */
const NAMED_CHARACTERS = 40;
/** Of a message that the server has numbered. */
const NUMBER = /^\d+$/;

interface OptionsProps {
  kept: KeptConversation;
  entry: ThreadEntry;
  /** Of all own ones: the one to which Tab leads, from there the arrow keys go on. */
  newest: boolean;
}

/** What visitors can do about messages that grow, and about their own: shown by hovering, by the keyboard, or by a long press. */
export function toolsFor({ kept, state }: ThreadStore): EntryTools {
  return (entry) => {
    if (kept && entry.status) return <Growing status={entry.status} stop={() => kept.stop(entry.id)} />;
    if (!kept || !NUMBER.test(entry.id)) return null;
    if (entry.deletedAt) return <LostEdit kept={kept} id={entry.id} />;
    const newest = state.value.entries.findLast(({ author, id }) =>
      author.role === "visitor" && NUMBER.test(id)
    );
    return <Options {...{ kept, entry }} newest={newest?.id === entry.id} />;
  };
}

const More = () => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M6 12h.01M12 12h.01M18 12h.01" />
  </svg>
);

type Step = "idle" | "menu" | "edit" | "delete";

function Options({ kept, entry, newest }: OptionsProps) {
  const { strings } = useText();
  const words = useWords();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [edits] = useState(kept.edits);
  const [begun] = useState(() => edits.read(entry.id));
  const { step, setStep, root, left } = useSteps(begun ? "edit" : "idle");
  const now = { ...entry, version: versionOf(entry) };
  const { version, newer, typed, keep, begin } = useCorrection(edits, now, begun, step === "edit");
  // Whatever was refused was refused of what it said before.
  useLayoutEffect(() => setProblem(null), [version]);

  async function change(body: string | null) {
    if (busy) return;
    setBusy(true);
    const refused = await kept.change(entry.id, body, version);
    setBusy(false);
    setProblem(refused);
    if (!refused) go("idle");
  }

  function go(next: Step) {
    setProblem(null);
    begin();
    setStep(next);
  }

  const options = words.options(beginningOf(entry.body));
  return (
    <div
      class="own"
      ref={root}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || step === "idle") return;
        event.preventDefault();
        go("idle");
      }}
      onFocusOut={(event) => {
        if (step === "menu" && !event.currentTarget.contains(event.relatedTarget as Node | null)) left();
      }}
    >
      <button
        type="button"
        class="own-more"
        aria-label={options}
        aria-expanded={step !== "idle"}
        tabIndex={newest ? 0 : -1}
        onClick={() => go(step === "idle" ? "menu" : "idle")}
        onKeyDown={moveFocus}
      >
        <More />
      </button>
      {step === "menu" && (
        <div class="own-menu" role="group" aria-label={options}>
          <button type="button" data-first onClick={() => go("edit")}>{strings.edit}</button>
          <button type="button" class="problem" onClick={() => go("delete")}>{words.delete}</button>
        </div>
      )}
      {step === "edit" && (
        <Editor
          body={typed.current ?? entry.body}
          busy={busy}
          newer={newer}
          onInput={keep}
          onSave={(body) => body === entry.body.trim() ? go("idle") : void change(body)}
          onCancel={() => go("idle")}
        />
      )}
      {step === "delete" && (
        <Deletion
          busy={busy}
          onCancel={() => go("idle")}
          onDelete={() => void change(null)}
        />
      )}
      {problem && <p class="receipt problem" role="alert">{problemText(problem, strings)}</p>}
    </div>
  );
}

/** Which message it is. */
function beginningOf(body: string): string {
  return [...body.replace(/\s+/g, " ")].slice(0, NAMED_CHARACTERS).join("");
}

interface DeletionProps {
  busy: boolean;
  onCancel: () => void;
  onDelete: () => void;
}

function Deletion({ busy, onCancel, onDelete }: DeletionProps) {
  const { strings } = useText();
  const words = useWords();
  return (
    <div class="own-end" role="group" aria-label={words.deleteQuestion}>
      <p>{words.deleteQuestion}</p>
      <button type="button" class="link" data-first onClick={onCancel}>{strings.cancel}</button>
      <button type="button" class="link problem" onClick={onDelete}>
        {busy ? words.deleting : words.delete}
      </button>
    </div>
  );
}

/** The step that the options are at, with the focus where it belongs. */
function useSteps(first: Step) {
  const [step, setStep] = useState<Step>(first);
  const root = useRef<HTMLDivElement>(null);
  const keepsFocus = useRef(false);
  const isFirst = useRef(true);

  useLayoutEffect(() => {
    const wanted = step === "idle" ? ".own-more" : "[data-first]";
    // What was begun before this page does not take the focus.
    if (!isFirst.current && (step !== "idle" || keepsFocus.current)) {
      root.current?.querySelector<HTMLElement>(wanted)?.focus();
    }
    keepsFocus.current = step !== "idle";
    isFirst.current = false;
  }, [step]);

  useLayoutEffect(() => {
    const message = root.current?.parentElement;
    return message ? onLongPress(message, () => setStep("menu")) : undefined;
  }, []);

  return {
    step,
    setStep,
    root,
    /** The focus went elsewhere. */
    left() {
      keepsFocus.current = false;
      setStep("idle");
    },
  };
}

interface EditorProps {
  body: string;
  busy: boolean;
  /** What the message says since it was changed elsewhere. */
  newer: string | null;
  onInput: (body: string) => void;
  onSave: (body: string) => void;
  onCancel: () => void;
}

/** Takes the place of the message's text. Enter saves as it sends in the composer. */
function Editor({ body, busy, newer, onInput, onSave, onCancel }: EditorProps) {
  const { strings } = useText();
  const words = useWords();
  const [text, setText] = useState(body);
  const canSave = !busy && text.trim() !== "";
  const save = () => {
    if (canSave) onSave(text.trim());
  };
  return (
    <>
      <textarea
        class="own-edit"
        data-first
        dir="auto"
        rows={2}
        maxLength={MAX_CHARACTERS}
        aria-label={words.editMessage}
        value={text}
        onInput={({ currentTarget: { value } }) => {
          setText(value);
          onInput(value);
        }}
        onKeyDown={(event) => {
          if (!sends(event)) return;
          event.preventDefault();
          save();
        }}
      />
      {newer !== null && (
        <p class="receipt problem" role="alert" dir="auto">{words.changedElsewhere(newer)}</p>
      )}
      <div class="own-end">
        <button type="button" class="link" onClick={onCancel}>{strings.cancel}</button>
        <button type="button" class="link" aria-disabled={!canSave} onClick={save}>
          {busy ? words.saving : words.save}
        </button>
      </div>
    </>
  );
}

/** What was to stand in a message that is deleted now, to copy it from there. */
function LostEdit({ kept, id }: { kept: KeptConversation; id: string }) {
  const { strings } = useText();
  const words = useWords();
  const [edits] = useState(kept.edits);
  const [text, setText] = useState(() => edits.read(id)?.text);
  if (!text) return null;
  return (
    <div class="own">
      <p class="receipt problem" role="alert">{words.lostEdit}</p>
      <p class="own-lost" dir="auto">{text}</p>
      <div class="own-end">
        <button
          type="button"
          class="link"
          onClick={() => {
            edits.keep(id, "");
            setText("");
          }}
        >
          {strings.discard}
        </button>
      </div>
    </div>
  );
}

/** The arrow keys lead from message to message. */
function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const button = event.currentTarget as HTMLElement;
  if (!step) return;
  const all = [...button.closest(".entries")?.querySelectorAll<HTMLElement>(".own-more") ?? []];
  const next = all[all.indexOf(button) + step];
  event.preventDefault();
  next?.focus();
}
