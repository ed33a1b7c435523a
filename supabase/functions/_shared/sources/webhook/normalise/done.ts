import { DENIALS, FAILURE, OWN_ID } from "./aliases.ts";
import { fieldsOf, isSource } from "./fields.ts";
import { WebhookError } from "../webhook_error.ts";

/**
 * What a write answered: any success counts, unless the answer itself denies it, as tools do that can't set a status.
 * An object with an id of its own is an item, and such words are its content. Throws `source_invalid`.
 */
export function requireDone(answer: unknown): void {
  const source: unknown = Array.isArray(answer) && answer.length === 1 ? answer[0] : answer;
  if (!isSource(source)) return;
  const fields = fieldsOf(source);
  if (fields.take(OWN_ID, (id) => id) !== undefined) return;
  const denial = fields.take(DENIALS, (value) => value === false || undefined);
  const failure = fields.take(FAILURE, (value) => value ? true : undefined);
  if (denial || failure) {
    throw new WebhookError(
      "invalid_shape",
      "the answer says that it failed; answer with a status of 400 or above",
    );
  }
}

/** The same for `delete_item`, where `deleted` is never content. Throws `source_invalid`. */
export function requireDeleted(answer: unknown): void {
  requireDone(answer);
  if (isSource(answer) && answer.deleted === false) {
    throw new WebhookError("invalid_shape", "deleted must not be false");
  }
}
