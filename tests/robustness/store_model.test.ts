import { expect, test } from "vitest";
import { runModel } from "../support/store_model/run.ts";

/** `npm run test:robustness -- --steps=<n>` takes as many. */
const STEPS = Number(process.env.ROBUSTNESS_STEPS ?? 100_000);
/** One run's: a conversation of a day. The next run has the next seed. */
const STEPS_OF_A_RUN = 5_000;
/** `npm run test:robustness -- --steps=<n> --seed=<seed>` begins with the same run again. */
const SEED = Number(process.env.ROBUSTNESS_SEED ?? Math.floor(Math.random() * 2 ** 31) + 1);

test(`every screen shows what the store holds after ${STEPS} random steps`, async () => {
  for (let run = 0; run * STEPS_OF_A_RUN < STEPS; run++) {
    const seed = SEED + run;
    const { faults } = await runModel(seed, STEPS_OF_A_RUN);
    expect(faults, `--seed=${seed}`).toEqual([]);
  }
}, Math.max(180_000, 6 * STEPS));
