import { useRef } from "preact/hooks";
import { useValue } from "../../../kit/components/use_value.ts";
import type { Label } from "../../core/team.ts";
import { useDeed } from "../answer.ts";
import { useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { Certainly, clearSaved, fieldsOf, Part, Refusal } from "./parts.tsx";
import { settingWords } from "./words.ts";

const FIRST_COLOR = "#3355cc";

/** What conversations are sorted by. */
export function LabelSettings() {
  const { team } = useShell();
  const { labels, rights } = useValue(team.agent);
  const mayChange = rights.includes("labels");
  return (
    <Part title={words.sections.labels} hint={settingWords.labelsHint}>
      {labels.length === 0 && <p>{settingWords.noLabels}</p>}
      <ul class="setting-rows">
        {labels.map((label) => <li key={label.id}>{mayChange ? <LabelForm label={label} /> : label.name}
        </li>)}
      </ul>
      {mayChange && <LabelForm label={null} />}
    </Part>
  );
}

/** A label to change, or with `null` one to make. */
function LabelForm({ label }: { label: Label | null }) {
  const { team: { settings } } = useShell();
  const { busy, problem, run } = useDeed();
  const form = useRef<HTMLFormElement>(null);

  async function save() {
    if (!form.current) return;
    const fields = fieldsOf(form.current);
    const { name = "", color = FIRST_COLOR } = fields;
    const isSaved = await run(() => settings.saveLabel(label?.id ?? null, name, color));
    if (isSaved && !label) clearSaved(form.current, fields);
  }

  return (
    <form
      ref={form}
      class="setting-line"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <input
        class="color"
        type="color"
        name="color"
        aria-label={label ? settingWords.colorOf(label.name) : settingWords.color}
        defaultValue={label?.color ?? FIRST_COLOR}
      />
      <input
        class="field"
        name="name"
        aria-label={label ? settingWords.nameOf(label.name) : settingWords.labelName}
        placeholder={settingWords.labelName}
        defaultValue={label?.name ?? ""}
        maxLength={60}
        required
      />
      <button
        type="submit"
        class="button small"
        aria-label={label ? settingWords.saveLabel(label.name) : settingWords.addLabel}
      >
        {busy ? settingWords.saving : label ? settingWords.save : settingWords.add}
      </button>
      {label && (
        <Certainly
          name={settingWords.delete}
          label={settingWords.deleteLabel(label.name)}
          question={settingWords.deleteLabelQuestion(label.name)}
          deed={() => settings.deleteLabel(label.id)}
        />
      )}
      <Refusal problem={problem} conflict={settingWords.taken} />
    </form>
  );
}
