import {
  MAX_TIMES_A_DAY,
  officeAt,
  type OfficeHours,
  type OfficeHoursProblem,
  officeHoursProblems,
  type Weekday,
  WEEKDAYS,
} from "../../../shared/office_hours.ts";
import type { Fields } from "../../core/form_drafts.ts";
import type { OfficeSettings } from "../../core/settings.ts";
import { officeWords } from "./words.ts";

export const SLOTS = Array.from({ length: MAX_TIMES_A_DAY }, (_, slot) => slot);
/** What whoever sets hours for the first time begins with. */
export const OFFICE_DAY = ["09:00", "17:00"] as const;
const WORKING_DAYS = new Set<Weekday>(["mon", "tue", "wed", "thu", "fri"]);
/** How a field for a time writes what ends with the day. */
const MIDNIGHT = "00:00";
const END_OF_DAY = "24:00";

export const endName = (day: Weekday, slot: number, end: "from" | "to") => `${day} ${slot} ${end}`;

/** What the form begins with. */
export function fieldsOfOffice({ greeting, officeHours, awayMessage }: OfficeSettings): Fields {
  const fields: Record<string, string> = {
    greeting: greeting ?? "",
    awayMessage: awayMessage ?? "",
    when: officeHours ? "hours" : "always",
    zone: officeHours?.zone ?? (Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC"),
  };
  for (const day of WEEKDAYS) {
    const first = WORKING_DAYS.has(day) ? [OFFICE_DAY.join("-")] : [];
    const times = officeHours ? officeHours[day] ?? [] : first;
    for (const slot of SLOTS) {
      const [from = "", to = ""] = times[slot]?.split("-") ?? [];
      fields[endName(day, slot, "from")] = from;
      fields[endName(day, slot, "to")] = to === END_OF_DAY ? MIDNIGHT : to;
    }
  }
  return fields;
}

/** The times of a day, which one that is cleared is none of. */
export function timesIn(fields: Fields, day: Weekday): { slot: number; from: string; to: string }[] {
  return SLOTS.map((slot) => ({
    slot,
    from: fields[endName(day, slot, "from")] ?? "",
    to: fields[endName(day, slot, "to")] ?? "",
  })).filter(({ from, to }) => from || to);
}

/** What the form sets; `null`: always there. */
export function hoursIn(fields: Fields): OfficeHours | null {
  if (fields.when !== "hours") return null;
  const hours: OfficeHours = { zone: fields.zone?.trim() ?? "" };
  for (const day of WEEKDAYS) {
    hours[day] = timesIn(fields, day).map(({ from, to }) => `${from}-${to === MIDNIGHT ? END_OF_DAY : to}`);
  }
  return hours;
}

/** What is wrong with it, beside the field that it is about. */
export function problemsIn(fields: Fields): OfficeHoursProblem[] {
  const hours = hoursIn(fields);
  if (!hours) return [];
  const halves = WEEKDAYS.filter((day) => timesIn(fields, day).some(({ from, to }) => !from || !to));
  return [
    ...halves.map((field) => ({ field, message: officeWords.halfTime })),
    ...officeHoursProblems(hours).filter(({ field }) => !halves.some((day) => day === field)),
  ];
}

/** Whether somebody is there at `now` by the form, and until when by the clocks of that zone. */
export function stateIn(fields: Fields, now: number): string {
  const hours = hoursIn(fields);
  if (!hours || problemsIn(fields).length > 0) return "";
  const { isOpen, changesAt } = officeAt(hours, now);
  if (changesAt === null) return isOpen ? officeWords.openAlways : officeWords.closedAlways;
  const write = (options: Intl.DateTimeFormatOptions, at: number) =>
    new Date(at).toLocaleString(undefined, { timeZone: hours.zone, ...options });
  const day = (at: number) => write({ dateStyle: "short" }, at);
  const weekday = day(now) === day(changesAt) ? {} : { weekday: "long" } as const;
  const when = write({ ...weekday, hour: "numeric", minute: "2-digit" }, changesAt);
  return isOpen ? officeWords.openUntil(when) : officeWords.closedUntil(when);
}
