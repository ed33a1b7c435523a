const ISO =
  /^(\d{4})(-?)(\d\d)\2(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d)([.,]\d+)?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
/** Between these a number is an epoch: digits of a calendar date, spreadsheets' days and counts lie outside. */
const FIRST_EPOCH = Date.UTC(1980, 0, 1);
const END_OF_EPOCHS = Date.UTC(2100, 0, 1);

/**
 * A text of ISO 8601, extended or basic, in one form: `2026-03-01` for a date without a time, which is that day in
 * every zone, else the moment as `2026-03-01T09:30:00.000Z`. A time without a zone is UTC. `undefined` for anything
 * else, a day that no calendar has included.
 */
export function isoTime(text: string): string | undefined {
  const [, year, , month, date, hours, minutes, seconds = "00", fraction = "", zone] = ISO.exec(text) ?? [];
  const day = `${year}-${month}-${date}`;
  // Date.parse makes March 1 of February 30.
  if (inIso(Date.parse(`${day}T00:00Z`))?.slice(0, 10) !== day) return undefined;
  if (!hours) return day;
  const clock = `${hours}:${minutes}:${seconds}${fraction.replace(",", ".")}`;
  return inIso(Date.parse(`${day}T${clock}${completeZone(zone)}`));
}

/** Seconds or milliseconds of the years 1980 to 2099 as ISO 8601; `undefined` for any other number. */
export function epochTime(value: number): string | undefined {
  const milliseconds = Math.round(value < FIRST_EPOCH ? value * 1000 : value);
  return milliseconds >= FIRST_EPOCH && milliseconds < END_OF_EPOCHS ? inIso(milliseconds) : undefined;
}

function inIso(milliseconds: number): string | undefined {
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}

/** `+02` and `+0200`, as Postgres and PHP write them, become `+02:00`. */
function completeZone(zone = "Z"): string {
  const [, hours, minutes = "00"] = /^([+-]\d\d):?(\d\d)?$/.exec(zone) ?? [];
  return hours ? `${hours}:${minutes}` : "Z";
}
