import { expect, test } from "vitest";
import { runModel } from "../../support/store_model/run.ts";

/** Long enough for a loss that nothing follows; a hundred thousand steps are taken in tests/robustness. */
const STEPS = 2000;

test.each([1, 2])("every screen shows what the store holds after a storm (seed %i)", async (seed) => {
  const { faults } = await runModel(seed, STEPS);
  expect(faults).toEqual([]);
}, 60_000);
