import { useState } from "preact/hooks";
import { Failure, Skeleton } from "../../../kit/components/notes.tsx";
import { useValue } from "../../../kit/components/use_value.ts";
import type { SavedReply } from "../../core/settings.ts";
import { useAnswer, useDeed } from "../answer.ts";
import { unknownIn } from "../saved_replies.tsx";
import { useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { clearSaved, holdSaved, KeptForm } from "./kept_form.tsx";
import { Certainly, Part, Refusal } from "./parts.tsx";
import { settingWords } from "./words.ts";

const SKELETON_ROWS = 3;

/** Texts that the team uses again. */
export function ReplySettings() {
  const { team: { agent, settings } } = useShell();
  const team = useValue(agent);
  const mayChange = team.rights.includes("replies");
  const [answer, again] = useAnswer<SavedReply[]>("replies", settings.replies, team);
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
          {mayChange && <LostReplies replies={answer.value} onDone={again} />}
          {mayChange && <ReplyForm form={NEW_REPLY} reply={null} onDone={again} />}
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
  const form = formOf(reply);
  const [editing, setEditing] = useState(() => settings.drafts.read(form) !== null);
  if (editing) {
    const done = () => {
      setEditing(false);
      onChanged();
    };
    return (
      <li>
        <ReplyForm form={form} reply={reply} onDone={done} />
      </li>
    );
  }
  async function remove() {
    const result = await settings.deleteReply(reply.id);
    if (!result.ok) return result;
    settings.drafts.keep(form, null);
    onChanged();
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

interface LostRepliesProps {
  replies: readonly SavedReply[];
  onDone: () => void;
}

/** What was to stand in replies that somebody else has deleted meanwhile. */
function LostReplies({ replies, onDone }: LostRepliesProps) {
  const { team: { settings: { drafts } } } = useShell();
  const known = new Set([NEW_REPLY, ...replies.map(formOf)]);
  const lost = [...useValue(drafts.unsaved)].filter((form) =>
    form.startsWith("replies ") && !known.has(form)
  );
  return lost.map((form) => (
    <div key={form} role="group" aria-label={settingWords.lostReply}>
      <p class="problem">{settingWords.lostReply}</p>
      <ReplyForm form={form} reply={null} onDone={onDone} />
    </div>
  ));
}

const NEW_REPLY = "replies new";
const formOf = ({ id }: SavedReply) => `replies ${id}`;

interface ReplyFormProps {
  /** Under what its fields are kept. */
  form: string;
  reply: SavedReply | null;
  onDone: () => void;
}

/** A reply to change, or with `null` one to make. */
function ReplyForm({ form, reply, onDone }: ReplyFormProps) {
  const { team: { settings } } = useShell();
  const { busy, problem, run } = useDeed();
  const [text, setText] = useState(reply?.body ?? "");

  async function save({ shortcut = "", body = "" }: Record<string, string>) {
    const isSaved = await run(() => settings.saveReply(reply?.id ?? null, shortcut, body));
    // A new one may be there also where no answer came.
    if (isSaved || !reply) onDone();
    return isSaved;
  }

  function cancel() {
    settings.drafts.keep(form, null);
    onDone();
  }

  return (
    <KeptForm
      name={form}
      class="setting-form"
      onSave={save}
      onFields={({ body = "" }) => setText(body)}
      afterwards={reply ? holdSaved : clearSaved}
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
          required
        />
      </label>
      <p class="meta">{settingWords.placeholders}</p>
      <Unknown text={text} />
      <Refusal problem={problem} conflict={settingWords.taken} isNew={!reply} />
      <div class="buttons">
        <button type="submit" class="button small accent">
          {busy ? settingWords.saving : reply ? settingWords.save : settingWords.addReply}
        </button>
        {reply && <button type="button" class="button small" onClick={cancel}>{settingWords.cancel}</button>}
      </div>
    </KeptForm>
  );
}
