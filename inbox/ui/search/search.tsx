import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../../kit/components/icon.tsx";
import { composes } from "../../../kit/components/keys.ts";
import { Empty, Failure, Skeleton } from "../../../kit/components/notes.tsx";
import { useValue } from "../../../kit/components/use_value.ts";
import {
  type FoundEntry,
  type Hit,
  isEmpty,
  operatorsOf,
  readQuery,
  search,
  unknownOperatorsOf,
} from "../../core/search.ts";
import { useAnswer } from "../answer.ts";
import { ListRow } from "../list_row.tsx";
import { goTo, replacePlace } from "../place.ts";
import { useShell } from "../shell.ts";
import { excerptOf } from "./excerpt.tsx";
import { words } from "../strings.ts";
import { UndoLine } from "../undo_line.tsx";
import { searchWords } from "./words.ts";

/** After the last key, in milliseconds. */
const PAUSE = 200;
const SKELETON_ROWS = 5;

/** Looks through all messages and people, in place of the list. */
export function Search() {
  const { here } = useShell();
  const asked = here.query ?? "";
  const [text, setText] = useState(asked);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => {
    if (here.conversationId === null || asked === "") field.current?.focus();
  }, []);
  useEffect(() => {
    if (text === asked) return;
    const timer = setTimeout(() => replacePlace({ ...here, query: text }), PAUSE);
    return () => clearTimeout(timer);
  }, [text, asked]);

  function onKeyDown(event: KeyboardEvent) {
    if (composes(event)) return;
    if (event.key === "Escape") goTo({ ...here, query: null });
    else if (event.key === "ArrowDown" || event.key === "Enter") {
      const row = field.current?.closest(".list")?.querySelector<HTMLElement>("[data-row]");
      if (event.key === "Enter") row?.click();
      row?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <section class="list" aria-labelledby="view">
      <h1 id="view" class="hidden">{searchWords.search}</h1>
      <search class="search">
        <input
          ref={field}
          type="search"
          class="field"
          data-search
          value={text}
          placeholder={searchWords.field}
          aria-label={searchWords.field}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button
          type="button"
          class="icon-button small"
          aria-label={searchWords.close}
          onClick={() => goTo({ ...here, query: null })}
        >
          <Icon name="close" />
        </button>
      </search>
      {isEmpty(readQuery(asked)) ? <Hint /> : <Results key={asked} asked={asked} />}
      <UndoLine />
    </section>
  );
}

function Hint() {
  return (
    <div class="search-hint">
      <p>{searchWords.hint}</p>
      <dl>
        {searchWords.operators.map(([operator, meaning]) => (
          <div key={operator}>
            <dt>
              <code>{operator}</code>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Results({ asked }: { asked: string }) {
  const { desk, team } = useShell();
  const { labels } = useValue(team.agent);
  const query = readQuery(asked);
  const { records } = team;
  const [answer, again] = useAnswer<Hit[]>(
    asked,
    () => search(query, { records, labels, userId: desk.userId }),
  );
  if (answer.status === "failed") return <Failure problem={answer.problem} onRetry={again} />;
  if (answer.status === "loading") return <Skeleton rows={SKELETON_ROWS} kind="row" />;
  const { value: hits } = answer;
  return (
    <>
      <p class="search-count meta" role="status">{searchWords.found(hits.length)}</p>
      {hits.length === 0 && (
        <Empty icon="chat" text={searchWords.nothing(asked)}>
          <p class="meta">{nextAttempt(asked)}</p>
        </Empty>
      )}
      <div class="scroll">
        <ul class="hits">
          {hits.map(({ row, entry }) => (
            <li key={`${row.id} ${entry?.id}`}>
              <ListRow
                row={desk.lists.find(row.id) ?? row}
                found={entry
                  ? {
                    messageId: entry.id,
                    at: entry.at,
                    preview: <FoundText entry={entry} words={query.text} />,
                    isNote: entry.kind === "note",
                  }
                  : undefined}
              />
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}

/** A team's message stands below the visitor's name, and says that it is not theirs. */
function FoundText({ entry: { kind, text, byVisitor, byBot }, words: asked }: FoundTextProps) {
  const side = kind === "message" && !byVisitor && `${byBot ? words.bot : words.team}: `;
  return <span class="found-text">{side}{excerptOf(text, asked)}</span>;
}

interface FoundTextProps {
  entry: FoundEntry;
  words: string;
}

/** What may find something after nothing was found. */
function nextAttempt(asked: string): string {
  const unknown = unknownOperatorsOf(asked);
  if (unknown.length > 0) return searchWords.noSuchFilter(unknown);
  const { text, from } = readQuery(asked);
  const operators = operatorsOf(asked);
  if (text !== "") {
    return operators.length > 0 ? searchWords.tryWithout(operators.join(" ")) : searchWords.tryWords;
  }
  if (operators.length > 1) return searchWords.tryFewer(operators.join(" "));
  return from.length > 0 ? searchWords.tryWords : searchWords.noneNow;
}
