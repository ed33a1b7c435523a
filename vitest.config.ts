import { defineConfig } from "vitest/config";

const slow = {
  // Files share a worker's imports, its Chromium and its process for the command line; databases and ports are their own.
  isolate: false,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  globalSetup: ["tests/support/environment.ts", "tests/support/cluster.ts"],
  expect: { poll: { timeout: 20_000 } },
};

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    // Most tests wait for a browser or a server: three at a time suit even two cores.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["tests/unit/**/*.test.{ts,tsx}", "tests/docs/*.test.ts"],
          isolate: false,
          // Some generate hundreds of cases, and a machine may be busy.
          testTimeout: 20_000,
        },
      },
      { extends: true, test: { name: "integration", include: ["tests/integration/**/*.test.ts"], ...slow } },
      { extends: true, test: { name: "docs", include: ["tests/docs/run/**/*.test.ts"], ...slow } },
      { extends: true, test: { name: "realtime", include: ["tests/realtime/**/*.test.ts"], ...slow } },
      { extends: true, test: { name: "e2e", include: ["tests/e2e/**/*.test.ts"], ...slow } },
    ],
  },
});
