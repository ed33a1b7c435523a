import { useState } from "preact/hooks";
import type { Problem } from "../../../client/http/problem.ts";
import { Icon } from "../../../kit/components/icon.tsx";
import { useValue } from "../../../kit/components/use_value.ts";
import { problemText, useText } from "../../../kit/text/text_context.ts";
import type { Row } from "../../core/rows.ts";
import { hrefOf } from "../place.ts";
import { useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { detailWords } from "./words.ts";

/** A conversation's labels, to take away and to add. */
export function Labels({ conversationId }: { conversationId: string }) {
  const { strings } = useText();
  const { desk, team } = useShell();
  const { labels, rights } = useValue(team.agent);
  const thread = desk.open(conversationId);
  const row = useValue<Row | null>(thread.row);
  /** What was asked for and is not answered yet. */
  const [asked, setAsked] = useState<ReadonlyMap<number, boolean>>(new Map());
  const [problem, setProblem] = useState<Problem | null>(null);
  if (!row) return null;
  const has = (id: number) => asked.get(id) ?? row.labels.includes(id);

  async function set(id: number, on: boolean) {
    setProblem(null);
    setAsked((asked) => new Map(asked).set(id, on));
    const result = await team.records.label(conversationId, id, on);
    if (result.ok) thread.rowCame(result.value);
    else setProblem(result.problem);
    setAsked((asked) => new Map([...asked].filter(([each]) => each !== id)));
  }

  return (
    <section class="details-part" aria-labelledby="labels">
      <h3 id="labels">{words.labels}</h3>
      <ul class="label-chips">
        {labels.filter(({ id }) => has(id)).map(({ id, name, color }) => (
          <li key={id} class="label-chip">
            <span class="dot" style={{ background: color }} aria-hidden="true" />
            <span dir="auto">{name}</span>
            <button
              type="button"
              aria-label={detailWords.removeLabel(name)}
              onClick={() => void set(id, false)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      {labels.length > 0
        ? (
          <select
            class="field small"
            data-labels
            aria-label={detailWords.addLabel}
            value=""
            onChange={({ currentTarget }) => {
              const id = Number(currentTarget.value);
              currentTarget.value = "";
              void set(id, true);
            }}
          >
            <option value="">{detailWords.addLabel}…</option>
            {labels.filter(({ id }) => !has(id)).map(({ id, name }) => (
              <option key={id} value={id}>{name}</option>
            ))}
          </select>
        )
        : <p class="meta">{detailWords.noLabels}</p>}
      {labels.length === 0 && rights.includes("labels") && (
        <a class="link" data-labels href={hrefOf({ section: "labels" })}>{detailWords.makeLabels}</a>
      )}
      <div role="alert">
        {problem && <p class="problem">{detailWords.notLabelled} {problemText(problem, strings)}</p>}
      </div>
    </section>
  );
}
