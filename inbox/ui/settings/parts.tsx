import type { ComponentChildren } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import type { Problem, Result } from "../../../client/http/problem.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import { useDeed } from "../answer.ts";
import { useQuestion } from "../question.ts";
import { useShell } from "../shell.ts";
import { settingWords } from "./words.ts";

interface RefusalProps {
  problem: Problem | null;
  /** Where a conflict means more than that somebody was faster. */
  conflict?: string;
  /** Of something new: where no answer came it may be there all the same. */
  isNew?: boolean;
}

/** Why something was not done. */
export function Refusal({ problem, conflict, isNew }: RefusalProps) {
  const { strings } = useText();
  const text = problem && (
    problem.code === "conflict" && conflict ||
    // A sentence of the database's that says what is wrong with what was typed.
    problem.code === "invalid_request" && problem.message ||
    problemText(problem, strings)
  );
  const isUnknown = isNew && problem?.code === "network";
  return (
    <div role="alert">
      {text && <p class="problem">{isUnknown ? settingWords.maybeAdded : text}</p>}
    </div>
  );
}

interface CertainlyProps {
  /** What the button says. */
  name: string;
  /** What the button is called where several say the same. */
  label: string;
  question: string;
  deed(): Promise<Result<unknown>>;
  conflict?: string;
}

/** A button for what can't be undone: it asks, in its place. */
export function Certainly({ name, label, question, deed, conflict }: CertainlyProps) {
  const [asking, setAsking] = useState(false);
  const { problem, run } = useDeed();
  const { question: frame, opener, onKeyDown } = useQuestion(asking, () => setAsking(false));
  // What was deleted takes its row along, with the focus in it.
  useLayoutEffect(() => () => passFocus(frame.current ?? opener.current), []);
  if (!asking) {
    return (
      <button
        type="button"
        class="button small"
        ref={opener}
        aria-label={label}
        onClick={() => setAsking(true)}
      >
        {name}
      </button>
    );
  }
  return (
    <div class="question" ref={frame} role="group" aria-label={label} onKeyDown={onKeyDown}>
      <p>{question}</p>
      <button
        type="button"
        class="button small danger"
        onClick={() => void run(deed).then((done) => done && setAsking(false))}
      >
        {name}
      </button>
      <button type="button" class="button small" onClick={() => setAsking(false)}>
        {settingWords.cancel}
      </button>
      <Refusal problem={problem} conflict={conflict} />
    </div>
  );
}

/** Gives the focus of what goes to the next row, else to the one before, else to the heading. */
function passFocus(going: HTMLElement | null): void {
  if (!going?.contains(document.activeElement)) return;
  const row = going.closest("li");
  const heading = going.closest(".setting")?.querySelector<HTMLElement>("h2");
  const stop = [row?.nextElementSibling, row?.previousElementSibling]
    .map((each) => each?.querySelector<HTMLElement>("button, input, select")).find(Boolean);
  if (!stop && heading) heading.tabIndex = -1;
  (stop ?? heading)?.focus();
}

interface PartProps {
  title: string;
  hint?: string;
  children: ComponentChildren;
}

/** A heading and what belongs to it. */
export function Part({ title, hint, children }: PartProps) {
  return (
    <section class="setting" aria-label={title}>
      <h2>{title}</h2>
      {hint && <p class="setting-hint">{hint}</p>}
      {children}
    </section>
  );
}

/** How what stands here is changed from a terminal, where it can't be here. */
export function FromTerminal({ what, command }: { what: string; command: string }) {
  const { team: { settings } } = useShell();
  return (
    <p class="setting-hint from-terminal">
      {what} <code>{settings.typed(command)}</code>
    </p>
  );
}

/** A text to take elsewhere. */
export function Copyable({ text }: { text: string }) {
  const [told, setTold] = useState("");

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setTold(settingWords.copied);
    } catch {
      // No permission, or a page without a secure origin.
      setTold(settingWords.notCopied);
    }
  }

  return (
    <>
      <pre class="snippet" tabIndex={0}>{text}</pre>
      <div class="buttons">
        <button type="button" class="button small" onClick={() => void copy()}>{settingWords.copy}</button>
        <p role="status">{told}</p>
      </div>
    </>
  );
}

/** A secret that is shown this once, and whose it is. */
export interface MadeSecret {
  id: string;
  name: string;
  secret: string;
}

/** A secret that is shown this once. */
export function OnceShown({ hint, secret }: { hint: string; secret: string }) {
  return (
    <div role="status" class="setting once-shown">
      <p class="setting-hint">{hint}</p>
      <Copyable text={secret} />
    </div>
  );
}
