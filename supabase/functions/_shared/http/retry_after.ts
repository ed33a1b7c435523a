/** Seconds, as the database bounds them too: nobody has what is sent wait for longer than a day. */
const LONGEST = 86_400;

/** The form to send, and the two that a recipient has to know as well (RFC 9110, 5.6.7). */
const DATES = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/**
 * How long a header `Retry-After` has its reader wait (RFC 9110, 10.2.3): 1 to 86,400 whole seconds, `null` for what is neither
 * a number of seconds nor a date. `now` in milliseconds.
 */
export function secondsToWait(header: string | null, now: number): number | null {
  const text = header?.trim() ?? "";
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((timeOf(text) - now) / 1000);
  return Number.isNaN(seconds) ? null : Math.min(Math.max(seconds, 1), LONGEST);
}

/** Milliseconds since the epoch, `NaN` for what is no date. Only the last form does not say that it is Greenwich's. */
function timeOf(text: string): number {
  if (!DATES.some((form) => form.test(text))) return NaN;
  return Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
}
