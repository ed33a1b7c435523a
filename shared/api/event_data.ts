import * as z from "zod";
import { pathOfNul } from "../text.ts";

const MAX_DATA_BYTES = 64 * 1024;

export const jsonObject = z.record(z.string(), z.unknown());

/** What an owner's event holds: JSON that Postgres and Realtime can carry. */
export const eventData = jsonObject.refine(
  (data) => new TextEncoder().encode(JSON.stringify(data)).length <= MAX_DATA_BYTES,
  `must be at most ${MAX_DATA_BYTES / 1024} KiB of JSON`,
).superRefine((data, context) => {
  const path = pathOfNul(data);
  if (path) context.addIssue({ code: "custom", path, message: "must not hold NUL (U+0000)" });
});
