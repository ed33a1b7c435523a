/** Where a reader stands in the event log. */

/** A cursor, and the events after it that were handled already. */
export interface Position {
  cursor: string;
  ids: string[];
}

/** The position that `position()` of a subscription wrote; a bare cursor is one too. */
export function readPosition(text: string): Position {
  const [cursor = "", ids] = text.split(" ");
  return { cursor, ids: ids ? ids.split(",") : [] };
}

export function writePosition({ cursor, ids }: Position): string {
  return ids.length > 0 ? `${cursor} ${ids.join(",")}` : cursor;
}
