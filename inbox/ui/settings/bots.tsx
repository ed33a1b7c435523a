import { useState } from "preact/hooks";
import type { Site } from "../../core/settings.ts";
import { useDeed } from "../answer.ts";
import { useShell } from "../shell.ts";
import { clearSaved, KeptForm } from "./kept_form.tsx";
import { Certainly, OnceShown, Part, Refusal } from "./parts.tsx";
import { rotationWords, settingWords } from "./words.ts";

interface BotsProps {
  bots: Site["bots"];
  onChanged(): void;
}

/** Webhooks of the owner's that answer visitors. */
export function Bots({ bots, onChanged }: BotsProps) {
  const { team: { settings } } = useShell();
  const [made, setMade] = useState<MadeSecret | null>(null);
  return (
    <Part title={settingWords.bots} hint={settingWords.botsHint}>
      {bots.length === 0 && <p class="setting-hint">{settingWords.noBots}</p>}
      <ul class="setting-rows">
        {bots.map(({ id, name, host, autoRespond }) => (
          <li key={id} class="setting-row">
            <span class="setting-name">
              <span dir="auto">{name}</span>
              <span class="meta" dir="auto">
                {host} · {settingWords.responds[autoRespond] ?? autoRespond}
              </span>
            </span>
            <Certainly
              name={rotationWords.rotate}
              label={rotationWords.rotateBot(name)}
              question={rotationWords.question}
              deed={async () => {
                const result = await settings.rotateBot(id);
                if (result.ok) setMade({ name, secret: result.value.secret });
                return result;
              }}
            />
            <Certainly
              name={settingWords.remove}
              label={settingWords.removeBot(name)}
              question={settingWords.removeBotQuestion(name)}
              deed={async () => {
                const result = await settings.removeBot(id);
                if (result.ok) onChanged();
                return result;
              }}
            />
          </li>
        ))}
      </ul>
      <NewBot onChanged={onChanged} onSecret={setMade} />
      {made && <OnceShown hint={settingWords.botSecret(made.name)} secret={made.secret} />}
    </Part>
  );
}

interface MadeSecret {
  name: string;
  secret: string;
}

interface NewBotProps extends Pick<BotsProps, "onChanged"> {
  onSecret(made: MadeSecret): void;
}

function NewBot({ onChanged, onSecret }: NewBotProps) {
  const { team: { settings } } = useShell();
  const { busy, problem, run } = useDeed();

  async function add({ name = "", url = "", autoRespond = "" }: Record<string, string>) {
    let secret = "";
    const isMade = await run(async () => {
      const result = await settings.createBot(name, url, autoRespond);
      if (result.ok) secret = result.value.secret;
      return result;
    });
    // Also where no answer came: it may be there.
    onChanged();
    if (isMade) onSecret({ name, secret });
    return isMade;
  }

  return (
    <KeptForm name="site bot" class="setting-line" onSave={add} afterwards={clearSaved}>
      <input
        class="field"
        name="name"
        aria-label={settingWords.botName}
        placeholder={settingWords.botName}
        maxLength={120}
        required
      />
      <input
        class="field"
        name="url"
        type="url"
        aria-label={settingWords.botUrl}
        placeholder="https://"
        maxLength={2048}
        required
      />
      <select class="field" name="autoRespond" aria-label={settingWords.autoRespond}>
        {Object.entries(settingWords.responds).map(([value, text]) => (
          <option key={value} value={value}>{text}</option>
        ))}
      </select>
      <button type="submit" class="button small">{busy ? settingWords.saving : settingWords.addBot}</button>
      <Refusal problem={problem} conflict={settingWords.taken} isNew />
    </KeptForm>
  );
}
