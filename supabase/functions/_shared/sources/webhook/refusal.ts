import type { TabAction, TabCategory } from "../../../../../shared/tabs.ts";
import {
  DENIALS,
  ENTRIES_KEYS,
  ENTRY_ID,
  ENTRY_KEYS,
  ENVELOPE_KEYS,
  FAILURE,
  ITEM_ID,
  ITEM_KEYS,
  LIST_KEYS,
  OWN_ID,
} from "./normalise/aliases.ts";
import {
  fieldsOf,
  isSource,
  list,
  number,
  type Source,
  unboxed,
  valuesUnder,
  withoutEmpty,
} from "./normalise/fields.ts";
import { unwrapList } from "./normalise/list.ts";
import { unwrapThread } from "./normalise/thread.ts";
import { visitorText, WebhookError } from "./webhook_error.ts";

/** The call that an owner answered. */
export interface AnsweredCall {
  action: TabAction;
  category: TabCategory;
  itemId?: string;
}

const READS: readonly TabAction[] = ["get_items", "item_clicked"];
const DETAIL = "the answer says that it failed; answer with a status of 400 or above";

/**
 * Throws if an answer with a status of success is a refusal nevertheless, as tools send it that can't set a
 * status. A refusal is:
 *
 * - a false `ok`, `success` or `accepted`, in any spelling: always. After delete_item a false `deleted` too
 * - an `error` or `errors` that is not empty: on messaging tabs and on writes. On a read of a default tab only in
 *   an object without an id of its own, since it is a record's content otherwise
 * - JSend's `status: "fail"` or `"error"` beside a `message` or `data`, where there is neither an id of its own nor a
 *   list with rows
 *
 * If an object spells a name in several ways, one that refuses is enough. The answer's object is judged and what it
 * wraps, but not what a record of a default tab holds. On messaging tabs the wrapped item and entry are judged too. The
 * rows of a list never are. Throws `source_rejected` with the refusal's own message, or `source_invalid` without one.
 */
export function requireAccepted(answer: unknown, call: AnsweredCall): void {
  const outermost = unwrapped(answer, call);
  if (!isSource(outermost)) return;
  const refusal = withWrapped(outermost, call).find((source) => isRefusal(source, call));
  if (refusal === undefined) return;
  const visitorMessage = messageOf(refusal) ?? messageOf(outermost);
  throw new WebhookError(visitorMessage === undefined ? "invalid_shape" : "rejected", DETAIL, {
    visitorMessage,
  });
}

/**
 * Each answer is unwrapped as the normaliser of its action does it: what that takes for a row is one. But a
 * row without an id of any kind is of no use on a messaging tab, and alone it is how workflow tools answer.
 */
function unwrapped(answer: unknown, { action, category, itemId = "" }: AnsweredCall): unknown {
  const inner = unboxed(answer);
  const only = Array.isArray(inner) && inner.length === 1 ? unboxed(inner[0]) : undefined;
  const mayBeRow = READS.includes(action) && (category === "default" || isSource(only) && hasAnyId(only));
  if (isSource(only) && !mayBeRow) return only;
  return action === "get_items" ? unwrapList(answer) : unwrapThread(answer, itemId);
}

function withWrapped(source: Source, call: AnsweredCall): Source[] {
  if (call.category === "default" && hasOwnId(source)) return [source];
  if (call.action === "get_items" && holdsRows(source, LIST_KEYS)) return [source];
  const wrapped = valuesUnder(source, wrappersOf(call)).filter(isSource);
  return [source, ...wrapped.flatMap((inner) => withWrapped(inner, call))];
}

function wrappersOf({ action, category }: AnsweredCall): string[] {
  if (category === "default") return ENVELOPE_KEYS;
  return [...ENVELOPE_KEYS, ...ITEM_KEYS, ...(READS.includes(action) ? [] : ENTRY_KEYS)];
}

function isRefusal(source: Source, { action, category }: AnsweredCall): boolean {
  const denials = action === "delete_item" ? [...DENIALS, "deleted"] : DENIALS;
  if (valuesUnder(source, denials).some(isFalse)) return true;

  const isRecord = category === "default" && READS.includes(action) && hasOwnId(source);
  if (!isRecord && valuesUnder(source, FAILURE).some((value) => !isEmpty(value))) return true;

  if (hasOwnId(source) || holdsRows(source, [...LIST_KEYS, ...ENTRIES_KEYS])) return false;
  return valuesUnder(source, ["status"]).some(isJsendFailure) &&
    valuesUnder(source, ["message", "data"]).length > 0;
}

function isJsendFailure(status: unknown): boolean {
  return typeof status === "string" && ["fail", "error"].includes(status.toLowerCase());
}

function holdsRows(source: Source, aliases: readonly string[]): boolean {
  return valuesUnder(source, aliases).some((value) => withoutEmpty(list(value) ?? []).length > 0);
}

function hasOwnId(source: Source): boolean {
  return fieldsOf(source).take(OWN_ID, (id) => id) !== undefined;
}

function hasAnyId(source: Source): boolean {
  return fieldsOf(source).take([...ITEM_ID, ...ENTRY_ID], (id) => id) !== undefined;
}

function isFalse(value: unknown): boolean {
  if (typeof value === "string") return ["false", "0", "no"].includes(value.trim().toLowerCase());
  return value === false || number(value) === 0;
}

/** What an owner always sends, filled or not. */
function isEmpty(value: unknown): boolean {
  if (typeof value === "string") return ["", "false", "0"].includes(value.trim().toLowerCase());
  if (typeof value !== "object" || value === null) return !value;
  return number(value) === 0 || (number(value) === undefined && Object.values(value).every(isEmpty));
}

/** The owner's own words to the visitor in an answer that refuses. */
export function messageOf(refusal: Source): string | undefined {
  return fieldsOf(refusal).take(["message", "error"], visitorText);
}
