import { expect, test } from "vitest";
import { type ModelRun, runModel } from "../support/store_model/run.ts";

/** `npm run test:robustness -- --steps=<n>` takes as many. */
const STEPS = Number(process.env.ROBUSTNESS_STEPS ?? 100_000);
/** One run's: a conversation of a day. The next run has the next seed. */
const STEPS_OF_A_RUN = 5_000;
/** `npm run test:robustness -- --steps=<n> --seed=<seed>` begins with the same run again. */
const SEED = Number(process.env.ROBUSTNESS_SEED ?? Math.floor(Math.random() * 2 ** 31) + 1);

test(`every screen shows what the store holds after ${STEPS} random steps`, async () => {
  const runs: ModelRun[] = [];
  const ran = () => {
    const steps = runs.reduce((sum, run) => sum + run.steps, 0);
    const written = runs.reduce((sum, run) => sum + run.written, 0);
    return `The simulated store with --seed=${SEED}: ${steps} steps of ${runs.length} runs, ${written} messages`;
  };
  for (let seed = SEED; runs.length * STEPS_OF_A_RUN < STEPS; seed++) {
    const run = await runModel(seed, STEPS_OF_A_RUN);
    runs.push(run);
    expect(run.faults, `${ran()}; the last with --seed=${seed}`).toEqual([]);
  }
  console.log(`${ran()}, and every screen shows what it holds.`);
}, Math.max(180_000, 6 * STEPS));
