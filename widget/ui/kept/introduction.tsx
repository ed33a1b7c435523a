import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../../client/http/problem.ts";
import type { VisitorField } from "../../../shared/tabs.ts";
import { useValue } from "../../../kit/components/use_value.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import type { KeptConversation } from "../../core/kept_conversation.ts";
import type { ThreadStore } from "../../core/thread.ts";
import { usePanel } from "../panel_context.ts";
import { useWords } from "./words.ts";

/** As the database keeps them. */
const MAX_CHARACTERS: Record<VisitorField, number> = { name: 200, email: 320 };

const THANKED_MS = 5000;

/** What browsers take for an address may lack the dot, and no mail leaves for such a one. */
const DOTTED = "[^@]+@[^@]+[.][^@.]+";
const EXAMPLE = "name@example.com";

/** Asks an anonymous visitor once, after their first message, for what the tab's owner would like to know. */
export function Introduction({ store }: { store: ThreadStore }) {
  const { kept, tab } = store;
  const words = useWords();
  const { item, entries } = useValue(store.state);
  const session = useValue(usePanel().core.session);
  const [skipped, setSkipped] = useState(false);
  const { isThanked, thank } = useThanks(entries.length);
  if (isThanked) return <p class="introduction meta" role="status">{words.thanks}</p>;
  if (skipped || !kept || !tab.visitorFields?.length) return null;
  if (session.status !== "ready" || !session.endUser.anonymous) return null;
  const { id } = session.endUser;
  const written =
    entries.filter(({ author, delivery = "sent" }) => author.role === "visitor" && delivery === "sent")
      .length;
  if (item === null || written === 0 || kept.isIntroduced(id)) return null;

  return (
    <IntroductionForm
      fields={tab.visitorFields}
      written={written}
      introduce={kept.introduce}
      onDone={() => {
        kept.setIntroduced(id);
        thank();
      }}
      onSkip={() => {
        kept.setIntroduced(id);
        setSkipped(true);
      }}
    />
  );
}

/** The visitor is thanked for some seconds, or until the next message. */
function useThanks(messages: number) {
  const [isThanked, setThanked] = useState(false);
  useEffect(() => {
    if (!isThanked) return;
    const timer = setTimeout(setThanked, THANKED_MS, false);
    return () => {
      clearTimeout(timer);
      setThanked(false);
    };
  }, [isThanked, messages]);
  return { isThanked, thank: () => setThanked(true) };
}

/** Whoever writes on and does not answer it has the room for the conversation: a line opens it again, at its first field. */
function useFold(written: number, isEmpty: boolean) {
  const form = useRef<HTMLFormElement>(null);
  const [folded, setFolded] = useState(written > 1);
  const asked = useRef(false);
  useLayoutEffect(() => {
    if (written < 2 || !isEmpty || !form.current) return;
    const { activeElement } = form.current.getRootNode() as Document | ShadowRoot;
    if (!form.current.contains(activeElement)) setFolded(true);
  }, [written]);
  useLayoutEffect(() => {
    if (asked.current && !folded) form.current?.querySelector("input")?.focus();
  }, [folded]);
  const unfold = () => {
    asked.current = true;
    setFolded(false);
  };
  return { form, folded, unfold };
}

interface FormProps {
  fields: readonly VisitorField[];
  /** So many messages the visitor has sent. */
  written: number;
  introduce: KeptConversation["introduce"];
  onDone: () => void;
  onSkip: () => void;
}

function IntroductionForm({ fields, written, introduce, onDone, onSkip }: FormProps) {
  const { strings } = useText();
  const words = useWords();
  const [values, setValues] = useState<Partial<Record<VisitorField, string>>>({});
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const given = Object.fromEntries(
    Object.entries(values).map(([field, text]) => [field, text.trim()]).filter(([, text]) => text),
  );
  const { form, folded, unfold } = useFold(written, Object.keys(given).length === 0);
  const canSave = !busy && Object.keys(given).length > 0;

  async function save() {
    if (!canSave) return;
    setBusy(true);
    const refused = await introduce(given);
    setBusy(false);
    setProblem(refused);
    if (!refused) onDone();
  }

  if (folded) return <FoldedForm onOpen={unfold} onSkip={onSkip} />;
  return (
    <form
      ref={form}
      class="introduction"
      aria-label={words.introduction}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <p class="introduction-head">
        <strong>{words.introduction}</strong> <span class="meta">{words.introductionHint}</span>
      </p>
      {fields.map((field) => {
        const shown = {
          autocomplete: field,
          dir: "auto" as const,
          "aria-label": words[field],
          placeholder: words[field],
          maxLength: MAX_CHARACTERS[field],
          value: values[field] ?? "",
          onInput: (event: { currentTarget: HTMLInputElement }) =>
            setValues({ ...values, [field]: event.currentTarget.value }),
        };
        return field === "email"
          ? <input key={field} type="email" pattern={DOTTED} title={EXAMPLE} {...shown} />
          : <input key={field} type="text" {...shown} />;
      })}
      {problem && <p class="problem" role="alert">{problemText(problem, strings)}</p>}
      <div class="introduction-end">
        <button type="button" class="link" onClick={onSkip}>{words.skip}</button>
        <button type="submit" class="button accent" aria-disabled={!canSave}>
          {busy ? words.saving : words.save}
        </button>
      </div>
    </form>
  );
}

function FoldedForm({ onOpen, onSkip }: { onOpen: () => void; onSkip: () => void }) {
  const words = useWords();
  return (
    <div class="introduction introduction-end">
      <button type="button" class="link" aria-expanded={false} onClick={onOpen}>{words.introduction}</button>
      <button type="button" class="link" onClick={onSkip}>{words.skip}</button>
    </div>
  );
}
