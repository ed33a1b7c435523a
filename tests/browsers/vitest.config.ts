import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/browsers/**/*.test.ts"],
    globalSetup: ["tests/support/environment.ts", "tests/support/cluster.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
