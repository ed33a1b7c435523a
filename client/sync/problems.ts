import type { Signal } from "../platform/signal.ts";
import type { Result } from "../http/problem.ts";
import type { Problem } from "../http/problem.ts";

export type TellProblem = (problem: Problem) => void;

/** Shows `next`, and tells of its problem unless that was shown before: what is tried in the background fails again and again. */
export function showState<State extends { problem?: Problem }>(
  state: Signal<State>,
  next: State,
  tell: TellProblem,
): void {
  const former = state.value.problem;
  state.value = next;
  if (next.problem && next.problem.code !== former?.code) tell(next.problem);
}

/** For what the visitor did just now: the problem, which is told, or `null`. */
export function outcomeOf(result: Result<unknown>, tell: TellProblem): Problem | null {
  if (result.ok) return null;
  tell(result.problem);
  return result.problem;
}
