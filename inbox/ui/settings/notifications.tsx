import { useRef, useState } from "preact/hooks";
import { Failure, Skeleton } from "../../../kit/components/notes.tsx";
import type { Rule } from "../../core/settings.ts";
import { useAnswer, useDeed } from "../answer.ts";
import { useShell } from "../shell.ts";
import { Part, Refusal } from "./parts.tsx";
import { RuleSettings, TypedMinutes } from "./rule_settings.tsx";
import { UndeliveredSettings } from "./undelivered.tsx";
import { settingWords } from "./words.ts";

const SKELETON_ROWS = 4;

/** Who is told of what, and how; and what did not reach them. */
export function NotificationSettings() {
  return (
    <>
      <Rules />
      <UndeliveredSettings />
    </>
  );
}

function Rules() {
  const { team: { settings } } = useShell();
  const [answer, again] = useAnswer("rules", settings.rules);
  return (
    <Part title={settingWords.rules} hint={settingWords.rulesHint}>
      {answer.status === "failed" && <Failure problem={answer.problem} onRetry={again} />}
      {answer.status === "loading" && <Skeleton rows={SKELETON_ROWS} kind="row" />}
      {answer.status === "ready" && (
        <ul class="setting-rows">
          {inOrder(answer.value.rules).map((rule) => <RuleRow key={rule.rule} kept={rule} />)}
        </ul>
      )}
    </Part>
  );
}

const ORDER = Object.keys(settingWords.ruleNames);

/** As the words have them, then what they have not. */
function inOrder(rules: readonly Rule[]): Rule[] {
  const place = ({ rule }: Rule) => ORDER.includes(rule) ? ORDER.indexOf(rule) : ORDER.length;
  return rules.toSorted((first, second) => place(first) - place(second));
}

function RuleRow({ kept }: { kept: Rule }) {
  const { team: { settings } } = useShell();
  const [rule, setRule] = useState(kept);
  const { name, when } = settingWords.ruleNames[kept.rule] ?? { name: kept.rule };
  const wanted = useRef(kept);
  const { problem, run } = useDeed();
  const isSaving = useRef(false);

  function want(next: Rule) {
    wanted.current = next;
    setRule(next);
  }

  /** One after the other, the last one counts; what is refused goes back to what it was. */
  async function change(changes: Partial<Rule>) {
    want({ ...wanted.current, ...changes });
    if (isSaving.current) return;
    isSaving.current = true;
    for (let saved = rule; saved !== wanted.current;) {
      const next = wanted.current;
      if (await run(() => settings.setRule(next))) saved = next;
      else want(saved);
    }
    isSaving.current = false;
  }

  return (
    <li class="setting-row">
      <label class="setting-name setting-check">
        <input
          type="checkbox"
          checked={rule.on}
          onChange={(event) => void change({ on: event.currentTarget.checked })}
        />
        <span>
          {name}
          {when && <span class="meta rule-when">{when}</span>}
        </span>
      </label>
      {rule.minutes !== undefined && (
        <span class="setting-after">
          <TypedMinutes
            least={1}
            aria-label={settingWords.minutes}
            value={rule.minutes}
            onChange={(minutes) => void change({ minutes })}
          />{" "}
          <span aria-hidden="true">{settingWords.minutesUnit}</span>
        </span>
      )}
      {rule.on && <RuleSettings rule={rule} change={(changes) => void change(changes)} />}
      <Refusal problem={problem} />
    </li>
  );
}
