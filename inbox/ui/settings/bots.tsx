import { useRef, useState } from "preact/hooks";
import type { Result } from "../../../client/http/problem.ts";
import type { BotFields, Site } from "../../core/settings.ts";
import { useDeed } from "../answer.ts";
import { useShell } from "../shell.ts";
import { clearSaved, KeptForm } from "./kept_form.tsx";
import { Certainly, type MadeSecret, OnceShown, Part, Refusal } from "./parts.tsx";
import { rotationWords, settingWords } from "./words.ts";

type Bot = Site["bots"][number];

interface BotsProps {
  bots: readonly Bot[];
  onChanged(): void;
}

/** Webhooks of the owner's that answer visitors. */
export function Bots({ bots, onChanged }: BotsProps) {
  const [made, setMade] = useState<MadeSecret | null>(null);
  return (
    <Part title={settingWords.bots} hint={settingWords.botsHint}>
      {bots.length === 0 && <p class="setting-hint">{settingWords.noBots}</p>}
      <ul class="setting-rows">
        {bots.map((bot) => (
          <BotRow
            key={bot.id}
            {...{ bot, made }}
            onChanged={onChanged}
            onSecret={setMade}
          />
        ))}
      </ul>
      <NewBot onChanged={onChanged} onSecret={setMade} />
      {made && !bots.some(({ id }) => id === made.id) && (
        <OnceShown hint={settingWords.botSecret(made.name)} secret={made.secret} />
      )}
    </Part>
  );
}

interface Changes extends Pick<BotsProps, "onChanged"> {
  onSecret(made: MadeSecret): void;
}

interface RowProps extends Changes {
  bot: Bot;
  made: MadeSecret | null;
}

function BotRow({ bot, made, onChanged, onSecret }: RowProps) {
  const { team: { settings } } = useShell();
  const [editing, setEditing] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const { id, name, host, autoRespond } = bot;
  return (
    <li class="setting-row">
      <span class="setting-name">
        <span dir="auto">{name}</span>
        <span class="meta" dir="auto">{host} · {settingWords.responds[autoRespond] ?? autoRespond}</span>
      </span>
      <button
        type="button"
        class="button small"
        ref={opener}
        aria-label={settingWords.changeBot(name)}
        aria-expanded={editing}
        onClick={() => setEditing(!editing)}
      >
        {settingWords.change}
      </button>
      <Certainly
        name={rotationWords.rotate}
        label={rotationWords.rotateBot(name)}
        question={rotationWords.question}
        deed={async () => {
          const result = await settings.rotateBot(id);
          if (result.ok) onSecret({ id, name, secret: result.value.secret });
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
      {made?.id === id && <OnceShown hint={settingWords.botSecret(name)} secret={made.secret} />}
      {editing && (
        <BotForm
          bot={bot}
          onSave={async (fields) => {
            const result = await settings.updateBot(id, fields);
            if (result.ok) onChanged();
            return result;
          }}
          onSaved={() => {
            setEditing(false);
            opener.current?.focus();
          }}
        />
      )}
    </li>
  );
}

function NewBot({ onChanged, onSecret }: Changes) {
  const { team: { settings } } = useShell();

  async function add(fields: BotFields) {
    const result = await settings.createBot(fields);
    // Also where no answer came: it may be there.
    onChanged();
    if (result.ok) onSecret({ ...result.value, name: fields.name });
    return result;
  }

  return <BotForm onSave={add} />;
}

interface BotFormProps {
  /** None: it is a new one. */
  bot?: Bot;
  onSave(fields: BotFields): Promise<Result<unknown>>;
  onSaved?(): void;
}

function BotForm({ bot, onSave, onSaved }: BotFormProps) {
  const { busy, problem, run } = useDeed();
  const label = (text: string) => bot ? settingWords.ofBot(text, bot.name) : text;
  return (
    <KeptForm
      name={bot ? `site bot ${bot.id}` : "site bot"}
      class="setting-line"
      onSave={({ name = "", url = "", autoRespond = "" }) => run(() => onSave({ name, url, autoRespond }))}
      afterwards={(form, saved) => {
        clearSaved(form, saved);
        onSaved?.();
      }}
    >
      <input
        class="field"
        name="name"
        aria-label={label(settingWords.botName)}
        placeholder={settingWords.botName}
        defaultValue={bot?.name ?? ""}
        maxLength={120}
        required
      />
      <input
        class="field"
        name="url"
        type="url"
        aria-label={label(settingWords.botUrl)}
        placeholder={bot ? settingWords.sameUrl(bot.host) : "https://"}
        maxLength={2048}
        required={!bot}
      />
      <select class="field" name="autoRespond" aria-label={label(settingWords.autoRespond)}>
        {Object.entries(settingWords.responds).map(([value, text]) => (
          <option
            key={value}
            value={value}
            ref={(option) => startWith(option, value === bot?.autoRespond)}
          >
            {text}
          </option>
        ))}
      </select>
      <button type="submit" class="button small">
        {busy ? settingWords.saving : bot ? settingWords.save : settingWords.addBot}
      </button>
      <Refusal problem={problem} conflict={settingWords.taken} isNew={!bot} />
    </KeptForm>
  );
}

/** Preact sets what is selected now; the form also looks at what was at first. */
function startWith(option: HTMLOptionElement | null, isFirst: boolean): void {
  if (option && option.defaultSelected !== isFirst) option.defaultSelected = isFirst;
}
