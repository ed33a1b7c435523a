import * as z from "zod";

const MAX_ID_BYTES = 128;
const CONTROL_CHARACTER = /\p{Cc}/u;
const LONE_SURROGATE = /\p{Cs}/u;
const encoder = new TextEncoder();

/**
 * Why a string can't be an `endUserId`, `conversationId` or `itemId`; `null` if it can.
 * The limit keeps a Realtime topic below 255 bytes with its prefix, and NUL breaks Realtime's database.
 */
export function idProblem(id: string): string | null {
  if (id.length === 0) return "must not be empty";
  if (LONE_SURROGATE.test(id)) return "must be well-formed Unicode";
  if (CONTROL_CHARACTER.test(id)) return "must not contain control characters";
  if (id.length > MAX_ID_BYTES || encoder.encode(id).length > MAX_ID_BYTES) {
    return `must be at most ${MAX_ID_BYTES} bytes of UTF-8`;
  }
  return null;
}

/** An id of the owner's: never trimmed, never normalised. */
export const ownerId = z.string().superRefine((id, context) => {
  const problem = idProblem(id);
  if (problem) context.addIssue({ code: "custom", message: problem });
});

/** Whether a text that Heddle only passes on is whole Unicode without control characters, so that any URL and header can carry it. */
export function isPlainText(text: string): boolean {
  return !LONE_SURROGATE.test(text) && !CONTROL_CHARACTER.test(text);
}

/** An id of ours as whoever calls wrote it, in capitals perhaps; as Postgres prints it from then on. */
export const givenUuid = z.string().regex(
  /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/,
  "must be a uuid",
).toLowerCase();

/** An id of ours, as Postgres prints it. */
export const lowercaseUuid = z.string().regex(
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  "must be a lowercase uuid",
);
