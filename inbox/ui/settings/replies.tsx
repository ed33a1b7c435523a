import { useRef, useState } from "preact/hooks";
import { Failure, Skeleton } from "../../../kit/components/notes.tsx";
import { useValue } from "../../../kit/components/use_value.ts";
import type { SavedReply } from "../../core/settings.ts";
import { useAnswer, useDeed } from "../answer.ts";
import { unknownIn } from "../saved_replies.tsx";
import { useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { Certainly, clearSaved, fieldsOf, Part, Refusal } from "./parts.tsx";
import { settingWords } from "./words.ts";

const SKELETON_ROWS = 3;

/** Texts that the team uses again. */
export function ReplySettings() {
  const { team: { agent, settings } } = useShell();
  const mayChange = useValue(agent).rights.includes("replies");
  const [answer, again] = useAnswer<SavedReply[]>("replies", settings.replies);
  return (
    <Part title={words.sections.replies} hint={settingWords.repliesHint}>
      {answer.status === "failed" && <Failure problem={answer.problem} onRetry={again} />}
      {answer.status === "loading" && <Skeleton rows={SKELETON_ROWS} kind="row" />}
      {answer.status === "ready" && (
        <>
          {answer.value.length === 0 && <p>{settingWords.noReplies}</p>}
          <ul class="setting-rows">
            {answer.value.map((reply) => (
              <ReplyRow key={reply.id} reply={reply} mayChange={mayChange} onChanged={again} />
            ))}
          </ul>
          {mayChange && <ReplyForm reply={null} onDone={again} />}
        </>
      )}
    </Part>
  );
}

interface ReplyRowProps {
  reply: SavedReply;
  mayChange: boolean;
  onChanged: () => void;
}

function ReplyRow({ reply, mayChange, onChanged }: ReplyRowProps) {
  const { team: { settings } } = useShell();
  const [editing, setEditing] = useState(false);
  if (editing) {
    const done = () => {
      setEditing(false);
      onChanged();
    };
    return (
      <li>
        <ReplyForm reply={reply} onDone={done} />
      </li>
    );
  }
  async function remove() {
    const result = await settings.deleteReply(reply.id);
    if (result.ok) onChanged();
    return result;
  }
  return (
    <li class="setting-row">
      <span class="setting-name">
        <strong dir="auto">/{reply.shortcut}</strong>
        <span class="setting-body" dir="auto">{reply.body}</span>
        <Unknown text={reply.body} />
      </span>
      {mayChange && (
        <>
          <button
            type="button"
            class="button small"
            aria-label={settingWords.editReply(reply.shortcut)}
            onClick={() => setEditing(true)}
          >
            {settingWords.edit}
          </button>
          <Certainly
            name={settingWords.delete}
            label={settingWords.deleteReply(reply.shortcut)}
            question={settingWords.deleteReplyQuestion(reply.shortcut)}
            deed={remove}
          />
        </>
      )}
    </li>
  );
}

/** Names what nothing will fill in. */
function Unknown({ text }: { text: string }) {
  const unknown = unknownIn(text);
  return unknown.length > 0 ? <span class="meta" role="status">{words.unknownNames(unknown)}</span> : null;
}

/** A reply to change, or with `null` one to make. */
function ReplyForm({ reply, onDone }: { reply: SavedReply | null; onDone: () => void }) {
  const { team: { settings } } = useShell();
  const { busy, problem, run } = useDeed();
  const form = useRef<HTMLFormElement>(null);
  const [text, setText] = useState(reply?.body ?? "");

  async function save() {
    if (!form.current) return;
    const fields = fieldsOf(form.current);
    const { shortcut = "", body = "" } = fields;
    if (!await run(() => settings.saveReply(reply?.id ?? null, shortcut, body))) return;
    clearSaved(form.current, fields);
    setText(fieldsOf(form.current).body ?? "");
    onDone();
  }

  return (
    <form
      ref={form}
      class="setting-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label>
        {settingWords.shortcut}
        <input
          class="field"
          name="shortcut"
          defaultValue={reply?.shortcut ?? ""}
          pattern="[^\s\/]{1,40}"
          title={settingWords.shortcutHint}
          required
        />
      </label>
      <label>
        {settingWords.body}
        <textarea
          class="field"
          name="body"
          rows={4}
          maxLength={10_000}
          defaultValue={reply?.body ?? ""}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
          required
        />
      </label>
      <Unknown text={text} />
      <Refusal problem={problem} conflict={settingWords.taken} />
      <div class="buttons">
        <button type="submit" class="button small accent">
          {busy ? settingWords.saving : reply ? settingWords.save : settingWords.addReply}
        </button>
        {reply && <button type="button" class="button small" onClick={onDone}>{settingWords.cancel}</button>}
      </div>
    </form>
  );
}
