import { useContext, useState } from "preact/hooks";
import type { ThreadEntry } from "../../client/sync/pending.ts";
import { Failure } from "../../kit/components/notes.tsx";
import { RichText } from "../../kit/text/rich_text.tsx";
import { useText } from "../../kit/text/text_context.ts";
import { useAnswer } from "./answer.ts";
import { EditedSince } from "./edited_since.tsx";
import { useShell } from "./shell.ts";
import { words } from "./strings.ts";

interface FormerTextsProps {
  entry: ThreadEntry;
}

/** Says of a message or note that it was changed, and shows on request what it said before. */
export function FormerTexts({ entry }: FormerTextsProps) {
  const { strings } = useText();
  const isNews = useContext(EditedSince).has(entry.id);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <p class="receipt">
        <button
          type="button"
          class="link"
          data-news={isNews}
          aria-expanded={isOpen}
          title={words.formerTexts}
          onClick={() => setOpen(!isOpen)}
        >
          {isNews ? words.editedSinceRead : strings.edited}
        </button>
      </p>
      {isOpen && <Shown entry={entry} />}
    </>
  );
}

function Shown({ entry }: FormerTextsProps) {
  const { strings, formats } = useText();
  const { team: { records }, here } = useShell();
  const about = `${here.conversationId} ${entry.id} ${entry.editedAt}`;
  const [answer, again] = useAnswer(about, () => records.formerTexts(here.conversationId ?? "", entry));
  if (answer.status === "failed") return <Failure problem={answer.problem} onRetry={again} />;
  if (answer.status === "loading") return <p class="receipt" role="status">{strings.loading}</p>;
  return (
    <ul class="former-texts" aria-label={words.formerTexts}>
      {answer.value.map(({ text, replacedAt }) => (
        <li key={replacedAt}>
          <time class="meta" dateTime={replacedAt}>{words.until} {formats.full(replacedAt)}</time>
          <p dir="auto">
            <RichText text={text} />
          </p>
        </li>
      ))}
    </ul>
  );
}
