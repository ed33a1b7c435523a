import { Failure, Skeleton } from "../../../kit/components/notes.tsx";
import { useText } from "../../../kit/text/text_context.ts";
import type { Undelivered } from "../../core/undelivered.ts";
import { useAnswer, useDeed } from "../answer.ts";
import { hrefOf } from "../place.ts";
import { useShell } from "../shell.ts";
import { Certainly, Part, Refusal } from "./parts.tsx";
import { settingWords, undeliveredWords as words } from "./words.ts";

const SKELETON_ROWS = 2;

/** What was given up, and answers by mail that are held: nobody else hears of either. */
export function UndeliveredSettings() {
  const { team: { settings: { undelivered } } } = useShell();
  const [answer, again] = useAnswer("undelivered", undelivered.list);
  const { busy, problem, run } = useDeed();
  const all = answer.status === "ready" ? answer.value.undelivered : [];
  // What may be forged is added one by one.
  const lost = all.filter(({ kind }) => kind !== "reply").map(({ id }) => id);
  return (
    <Part title={words.title} hint={words.hint}>
      {answer.status === "failed" && <Failure problem={answer.problem} onRetry={again} />}
      {answer.status === "loading" && <Skeleton rows={SKELETON_ROWS} kind="row" />}
      {answer.status === "ready" && all.length === 0 && <p class="setting-hint">{words.none}</p>}
      <ul class="setting-rows">
        {all.map((entry) => <Row key={entry.id} entry={entry} onChanged={again} />)}
      </ul>
      <div class="buttons">
        {lost.length > 1 && (
          <button
            type="button"
            class="button small"
            disabled={busy}
            onClick={() => void run(() => undelivered.retry(lost)).then((done) => done && again())}
          >
            {words.retryAll}
          </button>
        )}
        {all.length > 1 && (
          <Certainly
            name={words.dismissAll}
            label={words.dismissAll}
            question={words.dismissQuestion(all.length)}
            deed={async () => {
              const result = await undelivered.dismiss(all.map(({ id }) => id));
              if (result.ok) again();
              return result;
            }}
          />
        )}
      </div>
      <Refusal problem={problem} />
    </Part>
  );
}

function Row({ entry, onChanged }: { entry: Undelivered; onChanged(): void }) {
  const { team: { settings: { undelivered, agentId } } } = useShell();
  const { busy, problem, run } = useDeed();
  const { formats } = useText();
  const { id, kind, at, tries, conversationId, text } = entry;
  const done = (isDone: boolean) => isDone && onChanged();
  const name = nameOf(entry);
  const retry = kind === "reply" ? words.add : words.retry;
  return (
    <li class="setting-row">
      <span class="setting-name">
        <span dir="auto">{name}</span>
        <span class="meta" dir="auto">
          {[formats.full(at), tries > 1 && words.tries(tries), entry.why].filter(Boolean).join(" · ")}
        </span>
        {text && <span class="setting-body" dir="auto">{text}</span>}
      </span>
      {conversationId && (
        <a class="button small" href={hrefOf({ agentId, conversationId })} aria-label={words.openOf(name)}>
          {words.open}
        </a>
      )}
      <button
        type="button"
        class="button small"
        aria-label={`${retry}: ${name}`}
        disabled={busy}
        onClick={() => void run(() => undelivered.retry([id])).then(done)}
      >
        {retry}
      </button>
      <button
        type="button"
        class="button small"
        aria-label={`${words.dismiss}: ${name}`}
        disabled={busy}
        onClick={() => void run(() => undelivered.dismiss([id])).then(done)}
      >
        {words.dismiss}
      </button>
      <Refusal problem={problem} conflict={words.left} />
    </li>
  );
}

function nameOf({ kind, what, to }: Undelivered): string {
  const kindName = words.kinds[kind] ?? kind;
  const about = kind === "reply" ? what : settingWords.ruleNames[what]?.name ?? what;
  return [words.sent(kindName, to ?? words.somebody, kind === "reply"), about].filter(Boolean).join(": ");
}
