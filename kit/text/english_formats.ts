import { arrangeFormats, type Formats } from "./format.ts";

const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const MONTHS = "January February March April May June July August September October November December"
  .split(" ");

const weekday = (at: Date) => DAYS[at.getDay()] ?? "";
const month = (at: Date) => MONTHS[at.getMonth()] ?? "";
const date = (at: Date) => `${month(at).slice(0, 3)} ${at.getDate()}`;
const dateWithYear = (at: Date) => `${date(at)}, ${at.getFullYear()}`;
const clock = (at: Date) => {
  const hours = at.getHours();
  const minutes = at.getMinutes();
  return `${hours % 12 || 12}:${minutes < 10 ? 0 : ""}${minutes} ${hours < 12 ? "A" : "P"}M`;
};

/**
 * What Intl writes for `en`, without it: the first use of Intl makes a browser read its data of all languages, which holds a
 * phone up for a tenth of a second.
 */
export const englishFormats: Formats = arrangeFormats({
  clock,
  weekday: (at) => weekday(at).slice(0, 3),
  date,
  dateWithYear,
  longDate: (at) => `${weekday(at)}, ${month(at)} ${at.getDate()}`,
  mediumDate: dateWithYear,
  dateAndTime: (at) => `${dateWithYear(at)}, ${clock(at)}`,
  relativeDay: (days) => days ? "Yesterday" : "Today",
  kilobytes: (count) => `${count}`.replace(/\B(?=(\d{3})+$)/g, ",") + " kB",
});
