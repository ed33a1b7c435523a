import type { Agent } from "../../../shared/management.ts";
import {
  MAX_OFFICE_CHARACTERS,
  type OfficeHours,
  officeHoursProblems,
  type Weekday,
  WEEKDAYS,
} from "../../../shared/office_hours.ts";
import type { Input, Option } from "../../command.ts";
import { usageError } from "../../errors.ts";

/** What visitors of store tabs are told before anybody answers. */
export const OFFICE_OPTIONS: Record<string, Option> = {
  "greeting": {
    type: "string",
    value: "TEXT",
    help: "what visitors find in a new conversation of a store tab, or none",
  },
  "hours": {
    type: "string",
    multiple: true,
    value: "DAYS HH:MM-HH:MM",
    help:
      "when the team is there, repeatable: 'mon-fri 09:00-12:00,13:00-17:00', 'sat 22:00-02:00'; or none: always",
  },
  "zone": {
    type: "string",
    value: "ZONE",
    help: "with --hours: whose time that is, such as Europe/Berlin",
  },
  "away-message": {
    type: "string",
    value: "TEXT",
    help: "what visitors are told while nobody is there, or none: a sentence of the widget's",
  },
};

/** The settings that were given; `null` takes one away. Throws a usage error. */
export function officeIn(input: Input): Partial<Pick<Agent, "greeting" | "officeHours" | "awayMessage">> {
  const given = {
    greeting: textOf(input, "greeting"),
    officeHours: hoursOf(input.texts("hours"), input.text("zone")),
    awayMessage: textOf(input, "away-message"),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function textOf(input: Input, name: string): string | null | undefined {
  const text = input.text(name);
  if (text === "none") return null;
  // As the database counts.
  if (text !== undefined && [...text.trim()].length > MAX_OFFICE_CHARACTERS) {
    throw usageError(`--${name} must have at most ${MAX_OFFICE_CHARACTERS} characters.`);
  }
  return text;
}

function hoursOf(given: readonly string[], zone: string | undefined): OfficeHours | null | undefined {
  if (given.length === 1 && given[0] === "none" && zone === undefined) return null;
  if (given.length === 0 && zone === undefined) return undefined;
  if (given.length === 0 || zone === undefined) {
    throw usageError(
      "--hours and --zone belong together: --hours 'mon-fri 09:00-17:00' --zone Europe/Berlin.",
    );
  }
  const hours: OfficeHours = { zone };
  for (const text of given) {
    const [days = "", times] = text.trim().split(/\s+(.*)/);
    const named = daysOf(days);
    if (times === undefined) {
      throw usageError(
        `--hours must name times after the days, as mon-fri 09:00-17:00 does: "${text}" names none.`,
      );
    }
    for (const day of named) {
      hours[day] = [...hours[day] ?? [], ...times.split(",").map((time) => time.trim())];
    }
  }
  const [problem] = officeHoursProblems(hours);
  if (problem) {
    throw usageError(
      `${problem.field === "zone" ? "--zone" : `--hours, ${problem.field}`}: ${problem.message}`,
    );
  }
  return hours;
}

/** `mon-fri`, or `sat,sun`; a week goes round, such as in `fri-mon`. */
function daysOf(text: string): Weekday[] {
  return text.toLowerCase().split(",").flatMap((part) => {
    const [from, to = from, ...more] = part.split("-").map((day) =>
      WEEKDAYS.findIndex((each) => each === day)
    );
    if (from === undefined || to === undefined || from < 0 || to < 0 || more.length > 0) {
      throw usageError(
        `--hours must begin with days, such as mon-fri or sat,sun: "${text}" is none of these.`,
      );
    }
    return WEEKDAYS.slice(from, to < from ? undefined : to + 1).concat(
      to < from ? WEEKDAYS.slice(0, to + 1) : [],
    );
  });
}

/** The settings as lines of `agent show`. */
export function officeFacts({ greeting, officeHours, awayMessage }: Agent): Record<string, string> {
  return {
    "greeting": greeting ?? "none",
    "office hours": officeHours ? hoursText(officeHours) : "always",
    ...(officeHours ? { "away message": awayMessage ?? "the widget's own" } : {}),
  };
}

/** Days that follow each other with the same times as one. */
function hoursText(hours: OfficeHours): string {
  const groups: { from: Weekday; to: Weekday; times: string }[] = [];
  let isNext = false;
  for (const day of WEEKDAYS) {
    const times = hours[day]?.join(",") ?? "";
    const last = groups.at(-1);
    if (times && isNext && last?.times === times) last.to = day;
    else if (times) groups.push({ from: day, to: day, times });
    isNext = times !== "";
  }
  const days = groups.map(({ from, to, times }) => `${from === to ? from : `${from}-${to}`} ${times}`);
  return `${days.join("; ") || "never"} (${hours.zone})`;
}
