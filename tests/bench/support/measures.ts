import { appendFileSync } from "node:fs";

export interface Measure {
  id: string;
  value: number;
  unit: string;
  /** What the value is compared with, measured in the same run. */
  reference?: number;
  /** The bound: of value ÷ reference where there is a reference, else of the value. */
  reach?: { atLeast: number } | { atMost: number };
}

/** Hands a measure to the command that prints them; see tools/bench.mjs. */
export function report(measure: Measure): void {
  const { BENCH_REPORT } = process.env;
  if (!BENCH_REPORT) throw new Error("run it by: npm run bench");
  appendFileSync(BENCH_REPORT, `${JSON.stringify(measure)}\n`);
}

/** The value below which a share of the samples lies; `share` from 0 to 1. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** Runs `work` for so long on so many connections; returns how often it was done in a second. */
export async function perSecond(
  { connections, seconds }: { connections: number; seconds: number },
  work: () => Promise<unknown>,
): Promise<number> {
  const from = performance.now();
  const until = from + seconds * 1000;
  let done = 0;
  await Promise.all(Array.from({ length: connections }, async () => {
    while (performance.now() < until) {
      await work();
      done++;
    }
  }));
  return done / ((performance.now() - from) / 1000);
}
