import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "robustness",
    include: ["tests/robustness/**/*.test.ts"],
    globalSetup: ["tests/support/environment.ts", "tests/support/cluster.ts"],
    // One file at a time: each takes the whole machine.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
