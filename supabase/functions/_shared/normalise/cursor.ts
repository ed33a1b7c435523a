import { cursorSchema } from "../../../../shared/api/tab_fetch.ts";
import { NEXT_CURSOR } from "./aliases.ts";
import type { Fields } from "./fields.ts";
import { UnknownShape } from "./unknown_shape.ts";
import { text } from "./values.ts";

/** The owner's cursor of the next page, as it came; `undefined` on the last one. Throws `UnknownShape` if it is too long. */
export function takeNextCursor(answer: Fields): string | undefined {
  const cursor = answer.take(NEXT_CURSOR, text);
  if (cursor === undefined || cursor === "") return undefined;
  if (!cursorSchema.safeParse(cursor).success) {
    throw new UnknownShape("nextCursor must hold at most 1024 characters");
  }
  return cursor;
}
