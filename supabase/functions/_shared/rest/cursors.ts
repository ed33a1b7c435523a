import { HeddleError } from "../../../../shared/errors.ts";
import { idProblem } from "../../../../shared/ids.ts";
import type { OperationName } from "../../../../shared/rest/operations.ts";
import { listCursor, type ListPlace, listPlace, threadPlace } from "../sources/store/positions.ts";

/** Behind what the next page begins: a row, a message, or a visitor. */
export type Place = ListPlace | { seq: number } | { endUserId: string };

/** The cursor of the next page; `null` if there is none. */
export function nextCursor(next: Place | null | undefined): string | null {
  if (!next) return null;
  if ("seq" in next) return String(next.seq);
  if ("endUserId" in next) return encodeURIComponent(next.endUserId);
  return listCursor(next);
}

/** What a cursor stands for. Throws `invalid_request` for what is none of this operation's. */
export function placeOf(name: OperationName, cursor: string): Place {
  if (name === "listMessages") return { seq: threadPlace(cursor) };
  if (name === "listVisitors") return { endUserId: visitorId(cursor) };
  return listPlace(cursor);
}

function visitorId(cursor: string): string {
  try {
    const id = decodeURIComponent(cursor);
    if (idProblem(id) === null) return id;
  } catch {
    // As below.
  }
  throw new HeddleError("invalid_request", "The cursor must be one from an earlier answer.", {
    issues: [{ path: "cursor", message: "must be a cursor of an earlier answer" }],
  });
}
