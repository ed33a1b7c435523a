import { cursorSchema } from "../../../../../../shared/api/tab_fetch.ts";
import { NEXT_CURSOR } from "./aliases.ts";
import type { Fields } from "./fields.ts";
import { WebhookError } from "../webhook_error.ts";

/**
 * The owner's cursor of the next page, as it came; `undefined` on the last one. Throws `source_invalid` if it could not be
 * sent back as it came.
 */
export function takeNextCursor(answer: Fields): string | undefined {
  const cursor = answer.take(NEXT_CURSOR, cursorText);
  if (cursor === undefined || cursor === "") return undefined;
  if (!cursorSchema.safeParse(cursor).success) {
    throw new WebhookError("invalid_shape", "nextCursor must hold at most 1024 characters");
  }
  return cursor;
}

function cursorText(value: unknown): string | undefined {
  if (typeof value !== "number") return typeof value === "string" ? value : undefined;
  // JSON has rounded what is larger.
  if (!Number.isSafeInteger(value)) {
    throw new WebhookError("invalid_shape", "nextCursor must be a string or an integer up to 2^53-1");
  }
  return String(value);
}
