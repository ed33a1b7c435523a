const DAY_MS = 86_400_000;
const WEEK_DAYS = 6;

export interface Formats {
  /** Of a time (`isTime`). Time of day today ("Today" without one), weekday within a week, else the date: for list rows. */
  short(iso: string, now: Date): string;
  /** Empty for a date without a time, and for what is no date. */
  time(iso: string): string;
  /** Of a time. "Today", "Yesterday" or the date: for day separators. */
  day(iso: string, now: Date): string;
  /** Date and time, if it has one, in full: for tooltips and detail fields. */
  full(iso: string): string;
  bytes(size: number): string;
}

/** How one language writes times and numbers; `Date` in the visitor's own time zone. */
export interface Writing {
  /** Hours and minutes. */
  clock(at: Date): string;
  /** Short. */
  weekday(at: Date): string;
  /** Day and short month. */
  date(at: Date): string;
  dateWithYear(at: Date): string;
  /** Weekday, day and month. */
  longDate(at: Date): string;
  mediumDate(at: Date): string;
  dateAndTime(at: Date): string;
  /** Today (0) or yesterday (1), with a capital. */
  relativeDay(days: 0 | 1): string;
  kilobytes(count: number): string;
}

export function arrangeFormats(writing: Writing): Formats {
  const time = (iso: string) => isTime(iso) && !isDay(iso) ? writing.clock(dateOf(iso)) : "";
  const sameYear = (at: Date, now: Date) => at.getFullYear() === now.getFullYear();

  return {
    time,
    full: (iso) => isTime(iso) ? writing[isDay(iso) ? "mediumDate" : "dateAndTime"](dateOf(iso)) : "",
    short(iso, now) {
      const days = daysBetween(iso, now);
      const at = dateOf(iso);
      if (days === 0) return time(iso) || writing.relativeDay(0);
      if (days > 0 && days <= WEEK_DAYS) return writing.weekday(at);
      return writing[sameYear(at, now) ? "date" : "dateWithYear"](at);
    },
    day(iso, now) {
      const days = daysBetween(iso, now);
      const at = dateOf(iso);
      if (days === 0 || days === 1) return writing.relativeDay(days);
      return writing[sameYear(at, now) ? "longDate" : "dateWithYear"](at);
    },
    bytes: (size) => writing.kilobytes(Math.ceil(size / 1000)),
  };
}

/** Whole local calendar days from `iso` to `now`. */
export function daysBetween(iso: string, now: Date): number {
  return Math.round((startOfDay(now) - startOfDay(dateOf(iso))) / DAY_MS);
}

export function isTime(iso: string | undefined): iso is string {
  return iso !== undefined && !Number.isNaN(Date.parse(iso));
}

/** A date without a time is that day for every reader, whatever the zone; anything else is a moment. */
export function dateOf(iso: string): Date {
  return new Date(isDay(iso) ? `${iso}T00:00` : iso);
}

function isDay(iso: string): boolean {
  return iso.length === "2026-03-01".length;
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
