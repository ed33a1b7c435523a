import * as z from "zod";

/** What ISO 8601 allows and Postgres can't read: the year 0, sixteen hours and more from UTC, digits without end. */
const UNREADABLE = /^0000|[+-](?:1[6-9]|2\d):\d\d$|^.{65}/;

/** A moment with its offset from UTC, as it was written, that Postgres can read: RFC 3339. */
export const moment = z.iso.datetime({ offset: true }).refine(
  (text) => !UNREADABLE.test(text),
  "must be of the years 1 to 9999 and less than 16 hours from UTC",
);
