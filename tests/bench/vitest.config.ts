import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "bench",
    include: ["tests/bench/**/*.bench.ts"],
    globalSetup: ["tests/support/environment.ts", "tests/support/cluster.ts"],
    // One at a time: a measure shares the machine with nothing but what it measures.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
