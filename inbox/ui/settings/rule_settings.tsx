import { useState } from "preact/hooks";
import type { Rule } from "../../core/settings.ts";
import { settingWords } from "./words.ts";

const MOST_MINUTES = 1440;
const CHANNELS = ["email", "push"];
const PRIORITIES = ["low", "normal", "high", "critical"];
/** What quiet hours begin with. */
const NIGHT = { from: "22:00", to: "07:00" };

interface RuleSettingsProps {
  rule: Rule;
  change(changes: Partial<Rule>): void;
}

/** How a rule that is on tells outside the inbox. */
export function RuleSettings({ rule, change }: RuleSettingsProps) {
  const { channels, priority, delay, batch, quiet } = rule;
  const words = settingWords.rule;

  function switchChannel(name: string, isOn: boolean) {
    change({ channels: CHANNELS.filter((each) => each === name ? isOn : channels.includes(each)) });
  }

  return (
    <div class="rule-settings">
      {CHANNELS.map((name) => (
        <label key={name} class="setting-check">
          <input
            type="checkbox"
            checked={channels.includes(name)}
            onChange={(event) => switchChannel(name, event.currentTarget.checked)}
          />
          {words.channels[name]}
        </label>
      ))}
      {channels.includes("email") && (
        <>
          <Minutes name={words.delay} value={delay} onChange={(delay) => change({ delay })} />
          <Minutes name={words.batch} value={batch} onChange={(batch) => change({ batch })} />
        </>
      )}
      <label>
        {words.priority}{" "}
        <select
          class="field"
          value={priority}
          onChange={(event) => change({ priority: event.currentTarget.value })}
        >
          {PRIORITIES.map((each) => <option key={each} value={each}>{words.priorities[each]}</option>)}
        </select>
      </label>
      <label class="setting-check">
        <input
          type="checkbox"
          checked={quiet !== null}
          onChange={(event) =>
            change({ quiet: event.currentTarget.checked ? { ...NIGHT, zone: zoneHere() } : null })}
        />
        {words.quiet}
      </label>
      {quiet && (
        <span class="rule-times">
          {(["from", "to"] as const).map((end) => (
            <Typed
              key={end}
              type="time"
              aria-label={words.quietEnds[end]}
              value={quiet[end]}
              onTyped={(value) => change({ quiet: { ...quiet, [end]: value } })}
            />
          ))}
          <span class="meta">{quiet.zone}</span>
        </span>
      )}
    </div>
  );
}

function zoneHere(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

interface MinutesProps {
  name: string;
  value: number;
  onChange(minutes: number): void;
}

function Minutes({ name, value, onChange }: MinutesProps) {
  return (
    <label>
      {name} <TypedMinutes least={0} value={value} onChange={onChange} />
    </label>
  );
}

interface TypedMinutesProps {
  least: number;
  value: number;
  onChange(minutes: number): void;
  "aria-label"?: string;
}

/** A number of minutes, up to a day. */
export function TypedMinutes({ least, value, onChange, "aria-label": label }: TypedMinutesProps) {
  return (
    <Typed
      type="number"
      class="setting-minutes"
      min={least}
      max={MOST_MINUTES}
      aria-label={label}
      title={label}
      value={String(value)}
      onTyped={(text) => onChange(Number(text))}
    />
  );
}

interface TypedProps {
  type: "number" | "time";
  class?: string;
  min?: number;
  max?: number;
  title?: string;
  "aria-label"?: string;
  value: string;
  /** What was typed, once it is whole and may stand there. */
  onTyped(value: string): void;
}

/** A field that keeps what is being typed, whatever else is saved meanwhile. */
function Typed({ value, class: className = "", onTyped, ...rest }: TypedProps) {
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <input
      {...rest}
      class={`field ${className}`}
      required
      value={draft ?? value}
      onInput={(event) => setDraft(event.currentTarget.value)}
      onChange={(event) => {
        if (!event.currentTarget.reportValidity()) return;
        setDraft(null);
        onTyped(event.currentTarget.value);
      }}
    />
  );
}
