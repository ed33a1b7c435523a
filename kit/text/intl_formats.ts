import { arrangeFormats, type Formats } from "./format.ts";

/** Formats of one locale, in the visitor's own time zone. */
export function createFormats(locale: string): Formats {
  // Each is made when it is first used: making all of them holds a phone up.
  const format = (options: Intl.DateTimeFormatOptions) => {
    let formatter: Intl.DateTimeFormat | undefined;
    return (at: Date) => (formatter ??= new Intl.DateTimeFormat(locale, options)).format(at);
  };
  return arrangeFormats({
    clock: format({ hour: "numeric", minute: "2-digit" }),
    weekday: format({ weekday: "short" }),
    date: format({ day: "numeric", month: "short" }),
    dateWithYear: format({ day: "numeric", month: "short", year: "numeric" }),
    longDate: format({ weekday: "long", day: "numeric", month: "long" }),
    mediumDate: format({ dateStyle: "medium" }),
    dateAndTime: format({ dateStyle: "medium", timeStyle: "short" }),
    relativeDay(days) {
      const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
      return capitalise(relative.format(-days, "day"), locale);
    },
    kilobytes: (count) => count.toLocaleString(locale, { style: "unit", unit: "kilobyte" }),
  });
}

/** By whole characters: there are scripts with capitals beyond the basic plane, such as Adlam. */
function capitalise(text: string, locale: string): string {
  const [first = ""] = text;
  return first.toLocaleUpperCase(locale) + text.slice(first.length);
}
