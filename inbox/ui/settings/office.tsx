import { useEffect, useRef, useState } from "preact/hooks";
import { MAX_OFFICE_CHARACTERS, type OfficeHoursProblem, WEEKDAYS } from "../../../shared/office_hours.ts";
import type { Fields } from "../../core/form_drafts.ts";
import type { OfficeSettings } from "../../core/settings.ts";
import { useDeed } from "../answer.ts";
import { useShell } from "../shell.ts";
import { holdSaved, KeptForm } from "./kept_form.tsx";
import { OfficeDay } from "./office_days.tsx";
import { fieldsOfOffice, hoursIn, problemsIn, stateIn } from "./office_fields.ts";
import { Part, Refusal } from "./parts.tsx";
import { officeWords, settingWords } from "./words.ts";

const MINUTE = 60_000;
const ZONES = "office-zones";

interface OfficeProps {
  office: OfficeSettings;
  onChanged: () => void;
}

/** What visitors find in a new conversation, and when the team is there. */
export function Office({ office, onChanged }: OfficeProps) {
  const { team: { settings } } = useShell();
  const { busy, problem, run } = useDeed();
  // Not what is saved later: the fields hold that by themselves.
  const [first] = useState(() => fieldsOfOffice(office));
  const [fields, setFields] = useState<Fields>(first);
  /** How often what was wrong was to be saved. */
  const [refused, setRefused] = useState(0);
  const problems = problemsIn(fields);

  async function save(saved: Record<string, string>) {
    if (problemsIn(saved).length > 0) {
      setRefused(refused + 1);
      return false;
    }
    const { greeting = "", awayMessage = "" } = saved;
    const isSaved = await run(() =>
      settings.setOffice({ greeting, officeHours: hoursIn(saved), awayMessage })
    );
    if (isSaved) onChanged();
    return isSaved;
  }

  return (
    <Part title={officeWords.title} hint={officeWords.hint}>
      <KeptForm
        name="site office"
        class="setting-form office"
        onSave={save}
        onFields={setFields}
        afterwards={holdSaved}
      >
        <LongText name="greeting" label={officeWords.greeting} first={first} />
        <fieldset class="office-when">
          <legend>{officeWords.when}</legend>
          {(["always", "hours"] as const).map((when) => (
            <label key={when} class="setting-check">
              <input type="radio" name="when" value={when} defaultChecked={first.when === when} />
              {officeWords.whens[when]}
            </label>
          ))}
        </fieldset>
        <Hours {...{ first, fields, refused }} problems={refused ? problems : []} />
        <div role="alert">
          {refused > 0 && problems.length > 0 && <p class="problem">{officeWords.wrong}</p>}
        </div>
        <Refusal problem={problem} />
        <div class="buttons">
          <button type="submit" class="button small accent" aria-label={officeWords.save}>
            {busy ? settingWords.saving : settingWords.save}
          </button>
        </div>
      </KeptForm>
    </Part>
  );
}

interface HoursProps {
  first: Fields;
  fields: Fields;
  problems: readonly OfficeHoursProblem[];
  refused: number;
}

function Hours({ first, fields, problems, refused }: HoursProps) {
  const place = useRef<HTMLDivElement>(null);
  const problemOf = (name: string) => problems.find(({ field }) => field === name)?.message;
  const zoneProblem = problemOf("zone");
  useEffect(() => place.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus(), [refused]);
  return (
    <div class="office-hours" ref={place} hidden={fields.when !== "hours"}>
      <label>
        {officeWords.zone}
        <input
          class="field"
          name="zone"
          list={ZONES}
          defaultValue={first.zone}
          aria-invalid={zoneProblem ? true : undefined}
          aria-describedby={zoneProblem ? "office-zone" : undefined}
          autocomplete="off"
        />
      </label>
      {fields.when === "hours" && <Zones />}
      {zoneProblem && <p class="problem" id="office-zone">{zoneProblem}</p>}
      <ul class="setting-rows">
        {WEEKDAYS.map((day) => <OfficeDay key={day} {...{ day, first, fields }} problem={problemOf(day)} />)}
      </ul>
      <Now fields={fields} />
      <LongText
        name="awayMessage"
        label={officeWords.awayMessage}
        hint={officeWords.awayHint}
        first={first}
      />
    </div>
  );
}

interface LongTextProps {
  name: string;
  label: string;
  hint?: string;
  first: Fields;
}

function LongText({ name, label, hint, first }: LongTextProps) {
  return (
    <label>
      {label}
      <textarea
        class="field"
        name={name}
        rows={2}
        maxLength={MAX_OFFICE_CHARACTERS}
        defaultValue={first[name]}
      />
      {hint && <span class="meta">{hint}</span>}
    </label>
  );
}

/** The names of zones that this browser knows, to choose from. */
function Zones() {
  const [zones] = useState(() => Intl.supportedValuesOf?.("timeZone") ?? []);
  return <datalist id={ZONES}>{zones.map((zone) => <option key={zone} value={zone} />)}</datalist>;
}

/** Whether somebody is there by what the form holds. */
function Now({ fields }: { fields: Fields }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return <p class="meta" role="status">{stateIn(fields, now)}</p>;
}
