import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { pickLocale } from "../../kit/strings/locale.ts";
import type { SnoozeEnd } from "../core/row_actions.ts";
import { Popup } from "./popup.tsx";
import { words } from "./strings.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const MONDAY = 1;
const WEEK_DAYS = 7;
const MORNING = 9;

export interface SnoozeChoice {
  name: keyof typeof words.snoozes;
  end: SnoozeEnd;
}

/** In an hour, tomorrow at 9:00, and on the next Monday at 9:00 that is not tomorrow, where the operator is. */
export function snoozeChoices(now: Date): SnoozeChoice[] {
  const daysToMonday = (MONDAY - now.getDay() + WEEK_DAYS) % WEEK_DAYS;
  return [
    { name: "hour", end: { until: new Date(now.getTime() + HOUR), seconds: HOUR / 1000 } },
    { name: "tomorrow", end: { until: morningIn(1, now) } },
    {
      name: "week",
      end: { until: morningIn(daysToMonday > 1 ? daysToMonday : daysToMonday + WEEK_DAYS, now) },
    },
  ];
}

/** Day and time, the day left out if it is `now`'s: for times to come, as in "Mon, Mar 2, 9:00 AM". */
export function momentText(until: Date, now: Date, language = navigator.language): string {
  const isToday = until.toDateString() === now.toDateString();
  const isThisYear = until.getFullYear() === now.getFullYear();
  return new Intl.DateTimeFormat(pickLocale(language), {
    hour: "numeric",
    minute: "2-digit",
    ...!isToday && { weekday: "short", day: "numeric", month: "short" },
    ...!isThisYear && { year: "numeric" },
  }).format(until);
}

/** The first minute to come, as a field for local date and time has it. */
export function earliestSnooze(now: Date): string {
  return fieldValue(new Date(now.getTime() + MINUTE));
}

function morningIn(days: number, now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING);
}

/** As a field for local date and time has it, to the minute. */
function fieldValue(at: Date): string {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * MINUTE);
  return local.toISOString().slice(0, "2026-03-01T09:00".length);
}

interface SnoozeMenuProps {
  /** In place of its name. */
  icon?: ComponentChildren;
  onSnooze: (end: SnoozeEnd) => void;
}

/** Until when a conversation waits. */
export function SnoozeMenu({ icon, onSnooze }: SnoozeMenuProps) {
  return (
    <Popup label={words.snooze} shortcut="s" icon={icon}>
      {(close) => (
        <Choices
          onChoose={(end) => {
            close();
            onSnooze(end);
          }}
        />
      )}
    </Popup>
  );
}

function Choices({ onChoose }: { onChoose: (end: SnoozeEnd) => void }) {
  const [now] = useState(() => new Date());
  return (
    <>
      {snoozeChoices(now).map(({ name, end }) => (
        <button
          key={name}
          type="button"
          class="choice"
          onClick={() => onChoose(end)}
        >
          <span>{words.snoozes[name]}</span>
          <span class="meta">
            {momentText(end.until, now)}
          </span>
        </button>
      ))}
      <form
        class="choice-form"
        onSubmit={(event) => {
          event.preventDefault();
          onChoose({ until: new Date(String(new FormData(event.currentTarget).get("until"))) });
        }}
      >
        <label>
          {words.until}
          <input name="until" type="datetime-local" min={earliestSnooze(now)} required />
        </label>
        <button type="submit" class="tool">{words.snooze}</button>
      </form>
    </>
  );
}
