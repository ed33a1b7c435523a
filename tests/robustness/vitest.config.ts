import { defineConfig } from "vitest/config";

const ALONE = "tests/robustness/connections.test.ts";
const shared = {
  globalSetup: ["tests/support/environment.ts", "tests/support/cluster.ts"],
  testTimeout: 180_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 60_000 } },
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      // An outage is mostly waiting, and ten thousand requests have no hurry.
      {
        test: {
          name: "robustness",
          include: ["tests/robustness/**/*.test.ts"],
          exclude: [ALONE],
          sequence: { groupOrder: 0 },
          ...shared,
        },
      },
      { test: { name: "robustness, alone", include: [ALONE], sequence: { groupOrder: 1 }, ...shared } },
    ],
  },
});
