import { useState } from "preact/hooks";
import type { Weekday } from "../../../shared/office_hours.ts";
import type { Fields } from "../../core/form_drafts.ts";
import { endName, OFFICE_DAY, SLOTS, timesIn } from "./office_fields.ts";
import { officeWords } from "./words.ts";

interface OfficeDayProps {
  day: Weekday;
  /** What the form began with, and what it holds. */
  first: Fields;
  fields: Fields;
  problem?: string;
}

/** The hours of a weekday: none, or some from and to. */
export function OfficeDay({ day, first, fields, problem }: OfficeDayProps) {
  const [opened, setOpened] = useState(0);
  const filled = timesIn(fields, day);
  const shown = Math.max(opened, (filled.at(-1)?.slot ?? -1) + 1);
  const name = officeWords.days[day];
  const problemId = `office-${day}`;

  /** Later times of the day move up. */
  function remove(row: HTMLElement, slot: number) {
    for (const each of SLOTS.slice(slot)) {
      for (const end of ["from", "to"] as const) {
        const [field, next] = [each, each + 1].map((at) =>
          row.querySelector<HTMLInputElement>(`[name="${endName(day, at, end)}"]`)
        );
        if (field) field.value = next?.value ?? "";
      }
    }
    setOpened(shown - 1);
    row.dispatchEvent(new Event("input", { bubbles: true }));
    row.querySelector<HTMLElement>(".office-add")?.focus();
  }

  function add(row: HTMLElement) {
    const [from, to] = (["from", "to"] as const).map((end) =>
      row.querySelector<HTMLInputElement>(`[name="${endName(day, shown, end)}"]`)
    );
    if (shown === 0 && from && to) [from.value, to.value] = OFFICE_DAY;
    setOpened(shown + 1);
    row.dispatchEvent(new Event("input", { bubbles: true }));
    // It can take the focus once it is shown.
    queueMicrotask(() => from?.focus());
  }

  const rowOf = (event: Event) => (event.currentTarget as HTMLElement).closest("li") as HTMLElement;
  return (
    <li class="office-day">
      <span class="office-name">{name}</span>
      <div class="office-times">
        {shown === 0 && <span class="meta">{officeWords.closed}</span>}
        {SLOTS.map((slot) => (
          <span key={slot} class="office-time" hidden={slot >= shown}>
            {(["from", "to"] as const).map((end) => (
              <input
                key={end}
                class="field"
                type="time"
                name={endName(day, slot, end)}
                aria-label={officeWords.end[end](name, slot + 1)}
                aria-invalid={problem ? true : undefined}
                aria-describedby={problem ? problemId : undefined}
                defaultValue={first[endName(day, slot, end)]}
              />
            ))}
            <button
              type="button"
              class="button small"
              aria-label={officeWords.removeTime(name, slot + 1)}
              onClick={(event) => remove(rowOf(event), slot)}
            >
              {officeWords.remove}
            </button>
            {isPastMidnight(fields, day, slot) && <span class="meta">{officeWords.nextDay}</span>}
          </span>
        ))}
      </div>
      {shown < SLOTS.length && (
        <button
          type="button"
          class="button small office-add"
          aria-label={officeWords.addTime(name)}
          onClick={(event) => add(rowOf(event))}
        >
          {officeWords.add}
        </button>
      )}
      {problem && <p class="problem" id={problemId}>{problem}</p>}
    </li>
  );
}

function isPastMidnight(fields: Fields, day: Weekday, slot: number): boolean {
  const time = timesIn(fields, day).find((each) => each.slot === slot);
  return Boolean(time?.from && time.to && time.to < time.from && time.to !== "00:00");
}
