import { useState } from "preact/hooks";
import { DEFAULT_ACCENT } from "../../../kit/theme/contrast.ts";
import type { Site } from "../../core/settings.ts";
import { useDeed } from "../answer.ts";
import { useShell } from "../shell.ts";
import { clearSaved, holdSaved, KeptForm } from "./kept_form.tsx";
import { Certainly, FromTerminal, Part, Refusal } from "./parts.tsx";
import { lookWords, settingWords } from "./words.ts";

/** As the database allows it. */
const MOST_CHARACTERS = 120;

interface PartProps {
  site: Site;
  onChanged: () => void;
}

/** What the widget is called, and its colour. */
export function Looks({ site, onChanged }: PartProps) {
  const { team: { settings } } = useShell();
  const { busy, problem, run } = useDeed();
  // Not what is saved later: the fields hold that by themselves.
  const [first] = useState({ title: site.title ?? "", accent: site.accent ?? DEFAULT_ACCENT });

  async function save({ title = "", accent = first.accent }: Record<string, string>) {
    const isDefault = site.accent === null && accent === DEFAULT_ACCENT;
    const isSaved = await run(() => settings.setSite({ title, ...!isDefault && { accent } }));
    if (isSaved) onChanged();
    return isSaved;
  }

  return (
    <Part title={lookWords.title} hint={lookWords.hint}>
      <KeptForm name="site looks" class="setting-line" onSave={save} afterwards={holdSaved}>
        <input
          class="field"
          name="title"
          aria-label={lookWords.heading}
          placeholder={lookWords.heading}
          defaultValue={first.title}
          maxLength={MOST_CHARACTERS}
        />
        <input
          class="field setting-color"
          type="color"
          name="accent"
          aria-label={lookWords.color}
          title={lookWords.color}
          defaultValue={first.accent}
        />
        <button type="submit" class="button small" aria-label={lookWords.save}>
          {busy ? settingWords.saving : settingWords.save}
        </button>
        <Refusal problem={problem} />
      </KeptForm>
      <FromTerminal
        what={lookWords.more}
        command={`agent update ${settings.agentId} --launcher "Ask us" --theme auto`}
      />
    </Part>
  );
}

/** The sites that may show the widget. */
export function Origins({ site: { origins }, onChanged }: PartProps) {
  const { team: { settings } } = useShell();
  const { busy, problem, run } = useDeed();
  /** What was added, and is more than what was typed. */
  const [wider, setWider] = useState<string | null>(null);

  async function add({ origin = "" }: Record<string, string>) {
    setWider(null);
    const site = originOf(origin);
    const isAdded = await run(() => settings.setSite({ addOrigin: site }));
    if (isAdded && hasPath(origin)) setWider(site);
    if (isAdded) onChanged();
    return isAdded;
  }

  async function remove(origin: string) {
    setWider(null);
    const result = await settings.setSite({ removeOrigin: origin });
    if (result.ok) onChanged();
    return result;
  }

  return (
    <Part title={lookWords.origins} hint={lookWords.originsHint}>
      {origins.length === 0 && <p class="setting-hint">{lookWords.noOrigins}</p>}
      <ul class="setting-rows">
        {origins.map((origin) => (
          <li key={origin} class="setting-row">
            <span class="setting-name" dir="ltr">{origin}</span>
            <Certainly
              name={settingWords.remove}
              label={lookWords.removeOrigin(origin)}
              question={lookWords.removeQuestion(origin)}
              deed={() => remove(origin)}
            />
          </li>
        ))}
      </ul>
      <KeptForm name="site origin" class="setting-line" onSave={add} afterwards={clearSaved}>
        <input
          class="field"
          name="origin"
          inputMode="url"
          autocomplete="off"
          aria-label={lookWords.origin}
          placeholder={lookWords.origin}
          required
        />
        <button type="submit" class="button small">{busy ? settingWords.saving : lookWords.addOrigin}</button>
        <Refusal problem={problem} />
      </KeptForm>
      <p class="meta" role="status">{wider !== null && lookWords.wholeSite(wider)}</p>
    </Part>
  );
}

/** Whether an address names a page, or a part, of its site. */
export function hasPath(text: string): boolean {
  return !/^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*\/?$/i.test(text.trim());
}

/** The site of an address as it was typed or copied; what is none stays, and is refused. */
export function originOf(text: string): string {
  const scheme = /^(localhost|127\.0\.0\.1)\b/i.test(text) ? "http" : "https";
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${scheme}://${text}`;
  try {
    const { origin } = new URL(address);
    return origin === "null" ? text : origin;
  } catch {
    return text; // no address
  }
}
