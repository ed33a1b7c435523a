import { isSource } from "./fields.ts";
import { UnknownShape } from "./unknown_shape.ts";

/** What `delete_item` answered: any success counts, unless it says itself that nothing was deleted. Throws `UnknownShape`. */
export function requireDeleted(answer: unknown): void {
  if (isSource(answer) && answer.deleted === false) throw new UnknownShape("deleted must not be false");
}
