import { useEffect, useState } from "preact/hooks";
import type { Problem, Result } from "../../client/http/problem.ts";

export type Answer<Value> =
  | { status: "loading" }
  | { status: "ready"; value: Value }
  | { status: "failed"; problem: Problem };

/**
 * Asks at once and whenever `about` is something else; until then it is loading. `again` keeps what is shown, and so does a change of
 * `news`, after which it is asked again.
 */
export function useAnswer<Value>(
  about: string,
  ask: () => Promise<Result<Value>>,
  news?: unknown,
): [Answer<Value>, again: () => void] {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ about: string; answer: Answer<Value> }>({
    about,
    answer: { status: "loading" },
  });
  useEffect(() => {
    let isStale = false;
    void ask().then((result) => {
      if (isStale) return;
      const answer: Answer<Value> = result.ok
        ? { status: "ready", value: result.value }
        : { status: "failed", problem: result.problem };
      setState({ about, answer });
    });
    return () => void (isStale = true);
  }, [about, turn, news]);
  return [state.about === about ? state.answer : { status: "loading" }, () => setTurn(turn + 1)];
}

/** Something that was asked for and may be refused: whether it is on its way, and why it was refused last. */
export function useDeed(): {
  busy: boolean;
  problem: Problem | null;
  run(deed: () => Promise<Result<unknown>>): Promise<boolean>;
} {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function run(deed: () => Promise<Result<unknown>>) {
    if (busy) return false;
    setBusy(true);
    setProblem(null);
    const result = await deed();
    setBusy(false);
    if (!result.ok) setProblem(result.problem);
    return result.ok;
  }
  return { busy, problem, run };
}
