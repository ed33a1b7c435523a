import { setTimeout as delay } from "node:timers/promises";

/** What is in one lane happens one after the other; the lanes run at the same time. */
export interface LaneStep<Lane extends string, Action extends { do: string }> {
  /** Milliseconds from the beginning. */
  at: number;
  lane: Lane;
  action: Action;
}

type AnyStep = LaneStep<string, { do: string }>;

/** One line for each step, to be read beside the screens. */
export function wordsOf({ at, lane, action }: AnyStep): string {
  const { do: name, ...details } = action;
  const rest = Object.entries(details).map(([key, value]) => `${key} ${JSON.stringify(value)}`).join(", ");
  return `${seconds(at).padStart(7)} s  ${lane}: ${name}${rest && ` (${rest})`}`;
}

/** What became of a step, with its times in milliseconds from the beginning. */
export interface Outcome {
  step: AnyStep;
  begun: number;
  ended: number;
  /** Why it could not be done. */
  failure: string | null;
}

/**
 * Runs each step at its time, or when the one before it in its lane is done. `now`: how many milliseconds of the plan have
 * passed already.
 */
export async function runLanes<Step extends AnyStep>(
  steps: readonly Step[],
  perform: (step: Step) => Promise<void>,
  now = 0,
): Promise<Outcome[]> {
  const from = Date.now() - now;
  const outcomes: Outcome[] = [];
  const lanes = groupBy(steps, ({ lane }) => lane);
  await Promise.all([...lanes.values()].map(async (lane) => {
    for (const step of lane) {
      await delay(Math.max(0, from + step.at - Date.now()));
      const begun = Date.now() - from;
      const failure = await perform(step).then(
        () => null,
        ({ message }: Error) => message.split("\n", 1)[0] ?? "",
      );
      outcomes.push({ step, begun, ended: Date.now() - from, failure });
    }
  }));
  return outcomes;
}

export function outcomeWords({ step, begun, ended, failure }: Outcome): string {
  return `${wordsOf(step)}  [${seconds(begun)}–${seconds(ended)}] ${failure ?? "done"}`;
}

/** How many of the steps could be done. */
export const countDone = (outcomes: Outcome[]) => outcomes.filter(({ failure }) => failure === null).length;

/** Each reason why steps could not be done, with their number; the most frequent first. */
export function tally(outcomes: Outcome[]): string[] {
  const failed = outcomes.filter(({ failure }) => failure !== null);
  return [...groupBy(failed, ({ step, failure }) => `${step.action.do}: ${failure}`)]
    .sort(([, first], [, second]) => second.length - first.length)
    .map(([reason, { length }]) => `${length} × ${reason}`);
}

export const seconds = (ms: number) => (ms / 1000).toFixed(1);

/** In the order of each group's first. */
export function groupBy<Value, Key>(values: readonly Value[], key: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) groups.set(key(value), [...groups.get(key(value)) ?? [], value]);
  return groups;
}
