import { expect, test } from "vitest";
import { runModel } from "../../support/store_model/run.ts";

/** Long enough for a loss that nothing follows; a hundred thousand steps, of ever new seeds, are taken in tests/robustness. */
const STEPS = 2000;

test("every screen shows what the store holds after a storm", async () => {
  const { faults } = await runModel(1, STEPS);
  expect(faults).toEqual([]);
}, 60_000);
