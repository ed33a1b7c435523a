import type { ErrorCode, FieldIssue } from "../../shared/errors.ts";

/** What a browser, or a program that subscribes, finds out itself; every other code comes from a function. */
export const BROWSER_CODES = ["network", "storage_blocked", "not_live"] as const;

/**
 * What went wrong. `code` is stable; `network` means that no answer came, or one that no function of Heddle
 * gave, `storage_blocked` that the browser keeps nothing beyond this page, and `not_live` that a subscription can't hear what is
 * told and not kept. `message` is for developers,
 * but with `source_rejected` the owner's words to the visitor.
 */
export interface Problem {
  code: ErrorCode | typeof BROWSER_CODES[number];
  message: string;
  /** Which fields are wrong, where a function said so. */
  issues?: readonly FieldIssue[];
}

/** An answer, or the problem that stood in its place. */
export type Result<Value> = { ok: true; value: Value } | Failure;

export interface Failure {
  ok: false;
  problem: Problem;
}

/** Codes with which the owner may have done what was asked all the same. */
const UNCERTAIN = /^(network|internal|source_(failed|invalid|timeout))$/;

export function isUncertain({ code }: Problem): boolean {
  return UNCERTAIN.test(code);
}

/** True if the same request may succeed later. */
export function isTemporary(problem: Problem): boolean {
  return isUncertain(problem) || problem.code === "rate_limited";
}

/** No answer of a function came: offline, blocked, too slow, or something between answered in its place. */
export function unreachable(): Failure {
  return { ok: false, problem: { code: "network", message: "No answer." } };
}

export type TellProblem = (problem: Problem) => void;

/** For what somebody did just now: the problem, which is told, or `null`. */
export function outcomeOf(result: Result<unknown>, tell: TellProblem): Problem | null {
  if (result.ok) return null;
  tell(result.problem);
  return result.problem;
}
