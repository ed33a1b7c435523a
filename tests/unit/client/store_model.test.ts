import { expect, test } from "vitest";
import { runModel } from "../../support/store_model/run.ts";

test.each([1, 2])("every screen shows what the store holds after a storm (seed %i)", async (seed) => {
  const { faults } = await runModel(seed, 5000);
  expect(faults).toEqual([]);
}, 60_000);
