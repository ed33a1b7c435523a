/** When a team is there: pure reckoning, the same for the functions, the command and the inbox. */

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** By an IANA time zone; a day's times are `HH:MM-HH:MM`, and one that is missing has none. */
export type OfficeHours = { zone: string } & Partial<Record<Weekday, string[]>>;

/** Of greeting and away message. */
export const MAX_OFFICE_CHARACTERS = 500;
export const MAX_TIMES_A_DAY = 4;

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const DAY = DAY_MINUTES * MINUTE;
/** Until the same weekday has come again, whatever the time of day. */
const DAYS_AHEAD = 8;
const TIMES = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;

export interface OfficeHoursProblem {
  field: "zone" | Weekday;
  /** A sentence for whoever has set them. */
  message: string;
}

/** What is wrong with office hours, at most one sentence for each field. */
export function officeHoursProblems(hours: OfficeHours): OfficeHoursProblem[] {
  const problems: OfficeHoursProblem[] = [];
  if (!isZone(hours.zone)) {
    const message = `There is no time zone “${hours.zone}”: name one as IANA does, such as Europe/Berlin.`;
    problems.push({ field: "zone", message });
  }
  const taken: TakenTime[] = [];
  WEEKDAYS.forEach((day, index) => {
    const message = problemOfDay(hours[day] ?? [], index * DAY_MINUTES, taken);
    if (message) problems.push({ field: day, message });
  });
  return problems;
}

/** Minutes of the week that an earlier time has. */
interface TakenTime {
  text: string;
  from: number;
  to: number;
}

function problemOfDay(texts: readonly string[], midnight: number, taken: TakenTime[]): string | null {
  if (texts.length > MAX_TIMES_A_DAY) return `A day has at most ${MAX_TIMES_A_DAY} times.`;
  for (const text of texts) {
    const minutes = minutesOf(text);
    if (!minutes) return `“${text}” is not a time such as 09:00-17:00, or 22:00-02:00 past midnight.`;
    if (minutes.from === minutes.to) return `${text} is no time at all. A whole day is 00:00-24:00.`;
    const time = { text, from: midnight + minutes.from, to: midnight + minutes.to };
    const other = taken.find((each) => overlap(each, time));
    if (other) return `${text} overlaps with ${other.text}.`;
    taken.push(time);
  }
  return null;
}

/** The week is a ring: Sunday night's time ends on Monday. */
function overlap(a: TakenTime, b: TakenTime): boolean {
  return [-WEEK_MINUTES, 0, WEEK_MINUTES].some((shift) => a.from < b.to + shift && b.from + shift < a.to);
}

/** From midnight of the day on which it begins; past midnight `to` is more than a day. */
function minutesOf(text: string): { from: number; to: number } | null {
  const match = TIMES.exec(text);
  if (!match) return null;
  const [from = 0, fromMinute = 0, to = 24, toMinute = 0] = match.slice(1).map((part) =>
    part === undefined ? undefined : Number(part)
  );
  const start = from * 60 + fromMinute;
  const end = to * 60 + toMinute;
  return { from: start, to: end < start ? end + DAY_MINUTES : end };
}

/** Whether a zone has an IANA name that this runtime knows. */
export function isZone(zone: string): boolean {
  try {
    // Offsets such as `+02:00` name no place whose clocks are put back.
    return /^[A-Za-z]/.test(zone) && Boolean(new Intl.DateTimeFormat("en", { timeZone: zone }));
  } catch {
    return false;
  }
}

export interface OfficeState {
  isOpen: boolean;
  /** When that is no longer so, in ms since the epoch; `null`: never. */
  changesAt: number | null;
}

/** The state at `now` by hours that have no problem. Throws a RangeError for a zone that this runtime does not know. */
export function officeAt(hours: OfficeHours, now: number): OfficeState {
  const clock = zoneClock(hours.zone);
  const today = Math.floor(clock.localOf(now) / DAY) * DAY;
  let until: number | null = null;
  for (let day = -1; day <= DAYS_AHEAD; day++) {
    for (const { from, to } of timesOf(hours, today + day * DAY)) {
      const start = clock.instantOf(from, "first");
      const end = clock.instantOf(to, "last");
      // One that the clocks skip is none.
      if (end <= now || start >= end) continue;
      if (until === null && start > now) return { isOpen: false, changesAt: start };
      if (until !== null && start > until) return { isOpen: true, changesAt: until };
      until = Math.max(until ?? end, end);
    }
  }
  return { isOpen: until !== null, changesAt: null };
}

/** The times of a day in order. Local times are told as if they were UTC. */
function timesOf(hours: OfficeHours, midnight: number): { from: number; to: number }[] {
  const weekday = WEEKDAYS[(new Date(midnight).getUTCDay() + 6) % 7];
  const times = (weekday && hours[weekday] || []).flatMap((text) => minutesOf(text) ?? []);
  return times.sort((a, b) => a.from - b.from)
    .map(({ from, to }) => ({ from: midnight + from * MINUTE, to: midnight + to * MINUTE }));
}

function zoneClock(zone: string) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });

  function localOf(instant: number): number {
    const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const [year, month, day] = [Number(part.year), Number(part.month) - 1, Number(part.day)];
    return Date.UTC(year, month, day, Number(part.hour), Number(part.minute), Number(part.second));
  }

  const offsetAt = (instant: number) => localOf(instant) - Math.floor(instant / 1000) * 1000;

  /**
   * When the clocks show that local time: of two such moments, after clocks are put back, the one that is asked for; of none,
   * when they are put forward, the moment at which they are.
   */
  function instantOf(local: number, which: "first" | "last"): number {
    const candidates = [local - DAY, local + DAY].map((near) => local - offsetAt(near));
    const shown = candidates.filter((instant) => localOf(instant) === local);
    if (shown.length > 0) return which === "first" ? Math.min(...shown) : Math.max(...shown);
    let [before, after] = [Math.min(...candidates), Math.max(...candidates)];
    while (after - before > MINUTE) {
      const middle = before + Math.floor((after - before) / 2 / MINUTE) * MINUTE;
      if (localOf(middle) < local) before = middle;
      else after = middle;
    }
    return after;
  }

  return { localOf, instantOf };
}
