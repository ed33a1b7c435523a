const DAY_MS = 86_400_000;
const WEEK_DAYS = 6;

export interface Formats {
  /** Time of day today ("Today" without one), weekday within a week, else the date: for list rows. */
  short(iso: string, now: Date): string;
  /** Empty for a date without a time. */
  time(iso: string): string;
  /** "Today", "Yesterday" or the date: for day separators. */
  day(iso: string, now: Date): string;
  /** Date and time, if it has one, in full: for tooltips and detail fields. */
  full(iso: string): string;
  bytes(size: number): string;
}

/** Formats of one locale, in the visitor's own time zone. */
export function createFormats(locale: string): Formats {
  // Each is made when it is first used: making all of them holds a phone up.
  const format = (options: Intl.DateTimeFormatOptions) => {
    let formatter: Intl.DateTimeFormat | undefined;
    return (iso: string) => {
      if (!isTime(iso)) return "";
      formatter ??= new Intl.DateTimeFormat(locale, options);
      return formatter.format(dateOf(iso));
    };
  };
  const clock = format({ hour: "numeric", minute: "2-digit" });
  const weekday = format({ weekday: "short" });
  const date = format({ day: "numeric", month: "short" });
  const dateWithYear = format({ day: "numeric", month: "short", year: "numeric" });
  const longDate = format({ weekday: "long", day: "numeric", month: "long" });
  const mediumDate = format({ dateStyle: "medium" });
  const dateAndTime = format({ dateStyle: "medium", timeStyle: "short" });

  const sameYear = (iso: string, now: Date) => dateOf(iso).getFullYear() === now.getFullYear();
  const relativeDay = (days: number) => {
    const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
    return capitalise(relative.format(-days, "day"), locale);
  };
  const time = (iso: string) => isDay(iso) ? "" : clock(iso);

  return {
    time,
    full: (iso) => isDay(iso) ? mediumDate(iso) : dateAndTime(iso),
    short(iso, now) {
      const days = daysBetween(iso, now);
      if (days === 0) return time(iso) || relativeDay(0);
      if (days > 0 && days <= WEEK_DAYS) return weekday(iso);
      return sameYear(iso, now) ? date(iso) : dateWithYear(iso);
    },
    day(iso, now) {
      const days = daysBetween(iso, now);
      if (days === 0 || days === 1) return relativeDay(days);
      return sameYear(iso, now) ? longDate(iso) : dateWithYear(iso);
    },
    bytes: (size) => Math.ceil(size / 1000).toLocaleString(locale, { style: "unit", unit: "kilobyte" }),
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

/** By whole characters: there are scripts with capitals beyond the basic plane, such as Adlam. */
function capitalise(text: string, locale: string): string {
  const [first = ""] = text;
  return first.toLocaleUpperCase(locale) + text.slice(first.length);
}
