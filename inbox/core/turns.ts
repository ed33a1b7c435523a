/** How many calls of one kind are on their way at once. */
const MOST_AT_ONCE = 4;

export type InTurn = <Value>(run: () => Promise<Value>) => Promise<Value>;

/** Runs at once while few others are under way, else when one of them is done; in the order in which they were asked for. */
export function createTurns(most = MOST_AT_ONCE): InTurn {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async (run) => {
    if (running === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
