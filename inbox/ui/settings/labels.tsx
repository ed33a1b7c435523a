import { useEffect } from "preact/hooks";
import { useValue } from "../../../kit/components/use_value.ts";
import type { FormDrafts } from "../../core/form_drafts.ts";
import type { Label } from "../../core/team.ts";
import { useDeed } from "../answer.ts";
import { useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { clearSaved, holdSaved, KeptForm } from "./kept_form.tsx";
import { Certainly, Part, Refusal } from "./parts.tsx";
import { settingWords } from "./words.ts";

const FIRST_COLOR = "#3355cc";

/** What conversations are sorted by. */
export function LabelSettings() {
  const { team } = useShell();
  const { labels, rights } = useValue(team.agent);
  useEffect(() => forgetOthers(team.settings.drafts, labels), [labels]);
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

const NEW_LABEL = "labels new";
const formOf = ({ id }: Label) => `labels ${id}`;

/** Changes of labels that somebody has deleted. */
function forgetOthers(drafts: FormDrafts, labels: readonly Label[]): void {
  const known = new Set([NEW_LABEL, ...labels.map(formOf)]);
  for (const form of drafts.unsaved.value) {
    if (form.startsWith("labels ") && !known.has(form)) drafts.keep(form, null);
  }
}

/** A label to change, or with `null` one to make. */
function LabelForm({ label }: { label: Label | null }) {
  const { team: { settings } } = useShell();
  const { busy, problem, run } = useDeed();
  const form = label ? formOf(label) : NEW_LABEL;
  const save = ({ name = "", color = FIRST_COLOR }: Record<string, string>) =>
    run(() => settings.saveLabel(label?.id ?? null, name, color));

  async function remove({ id }: Label) {
    const result = await settings.deleteLabel(id);
    if (result.ok) settings.drafts.keep(form, null);
    return result;
  }

  return (
    <KeptForm name={form} class="setting-line" onSave={save} afterwards={label ? holdSaved : clearSaved}>
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
          deed={() => remove(label)}
        />
      )}
      <Refusal problem={problem} conflict={settingWords.taken} />
    </KeptForm>
  );
}
