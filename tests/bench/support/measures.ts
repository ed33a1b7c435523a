import { appendFileSync } from "node:fs";
import type { MEASURES } from "../../../scripts/bench/measures.mjs";

type MeasureId = (typeof MEASURES)[number]["id"];

/**
 * Hands a measure to the command that prints them (scripts/bench.mjs). `reference`: what the value is compared with,
 * measured in the same run.
 */
export function report(id: MeasureId, value: number, reference?: number): void {
  const { BENCH_REPORT } = process.env;
  if (!BENCH_REPORT) throw new Error("run it by: npm run bench");
  appendFileSync(BENCH_REPORT, `${JSON.stringify({ id, value, reference })}\n`);
}

/** The value below which a share of the samples lies; `share` from 0 to 1. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export const median = (samples: readonly number[]) => quantile(samples, 0.5);

/**
 * Takes one sample of each side in every round, each round in another order: what slows the machine for a while slows all of
 * them, and none has always the same one before it.
 */
export async function inTurns<Side extends string>(
  rounds: number,
  sides: Record<Side, () => Promise<number>>,
): Promise<Record<Side, number[]>> {
  const names = Object.keys(sides) as Side[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Side, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffled(names)) {
      samples[name].push(await sides[name]());
    }
  }
  return samples;
}

function shuffled<Value>(values: readonly Value[]): Value[] {
  return values.map((value) => ({ value, place: Math.random() }))
    .sort((a, b) => a.place - b.place).map(({ value }) => value);
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
