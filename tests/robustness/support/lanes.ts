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

/** Runs each step at its time, or when the one before it in its lane is done. Returns what became of each. */
export async function runLanes<Step extends AnyStep>(
  steps: readonly Step[],
  perform: (step: Step) => Promise<void>,
): Promise<string[]> {
  const from = Date.now();
  const results: string[] = [];
  const lanes = groupBy(steps, ({ lane }) => lane);
  await Promise.all([...lanes.values()].map(async (lane) => {
    for (const step of lane) {
      await delay(Math.max(0, from + step.at - Date.now()));
      const begun = Date.now();
      const outcome = await perform(step).then(
        () => "done",
        ({ message }: Error) => message.split("\n", 1)[0],
      );
      results.push(`${wordsOf(step)}  [${seconds(begun - from)}–${seconds(Date.now() - from)}] ${outcome}`);
    }
  }));
  return results;
}

/** How many of the steps could be done. */
export const countDone = (results: string[]) => results.filter((result) => result.endsWith("] done")).length;

export const seconds = (ms: number) => (ms / 1000).toFixed(1);

/** In the order of each group's first. */
export function groupBy<Value, Key>(values: readonly Value[], key: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) groups.set(key(value), [...groups.get(key(value)) ?? [], value]);
  return groups;
}
