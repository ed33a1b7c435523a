import { useEffect } from "preact/hooks";
import { useValue } from "../../../kit/components/use_value.ts";
import type { Label } from "../../core/team.ts";
import { useDeed } from "../answer.ts";
import { useShell } from "../shell.ts";
import { words } from "../strings.ts";
import { clearSaved, holdSaved, KeptForm } from "./kept_form.tsx";
import { Certainly, Part, Refusal } from "./parts.tsx";
import { freeColor, Palette } from "./palette.tsx";
import { settingWords } from "./words.ts";

/** What conversations are sorted by. */
export function LabelSettings() {
  const { team } = useShell();
  const { labels, rights } = useValue(team.agent);
  useEffect(() => team.settings.drafts.keepOnly("labels ", [NEW_LABEL, ...labels.map(formOf)]), [labels]);
  const mayChange = rights.includes("labels");
  return (
    <Part title={words.sections.labels} hint={settingWords.labelsHint}>
      {labels.length === 0 && <p>{settingWords.noLabels}</p>}
      <ul class="setting-rows">
        {labels.map((label) => (
          <li key={label.id}>{mayChange ? <LabelForm label={label} labels={labels} /> : label.name}</li>
        ))}
      </ul>
      {mayChange && <LabelForm label={null} labels={labels} />}
    </Part>
  );
}

const NEW_LABEL = "labels new";
const formOf = ({ id }: Label) => `labels ${id}`;

/** A label to change, or with `null` one to make. */
function LabelForm({ label, labels }: { label: Label | null; labels: readonly Label[] }) {
  const { team } = useShell();
  const { settings } = team;
  const { busy, problem, run } = useDeed();
  const form = label ? formOf(label) : NEW_LABEL;
  const begun = label?.color ?? freeColor(labels);
  async function save({ name = "", color = begun }: Record<string, string>) {
    const isSaved = await run(() => settings.saveLabel(label?.id ?? null, name, color));
    // A new one may be there also where no answer came.
    if (!isSaved && !label) await team.reload();
    return isSaved;
  }

  async function remove({ id }: Label) {
    const result = await settings.deleteLabel(id);
    if (result.ok) settings.drafts.keep(form, null);
    return result;
  }

  return (
    <KeptForm name={form} class="setting-line" onSave={save} afterwards={label ? holdSaved : clearSaved}>
      <Palette
        name={label ? settingWords.colorOf(label.name) : settingWords.color}
        color={begun}
      />
      <input
        class="field"
        name="name"
        aria-label={label ? settingWords.nameOf(label.name) : settingWords.labelName}
        placeholder={settingWords.labelName}
        defaultValue={label?.name ?? ""}
        maxLength={60}
        pattern=".*\S.*"
        title={settingWords.nameHint}
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
      <Refusal problem={problem} conflict={settingWords.taken} isNew={!label} />
    </KeptForm>
  );
}
